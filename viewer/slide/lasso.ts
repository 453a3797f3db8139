import type { Point } from '../permalink.js';
import type { Stage } from './stage.js';

export type Tool = 'rectangle' | 'lasso';

/** Most vertices of a lasso: the server bounds its requests, and so does the address. */
const mostVertices = 400;

/**
 * Lets the user draw around nuclei.
 * @param draft is called with what is drawn so far
 * @returns what was drawn, none if the user let go of it
 */
export function drawAround(
  stage: Stage,
  tool: Tool,
  draft: (points: readonly Point[]) => void,
  stop: AbortSignal,
): Promise<Point[] | undefined> {
  const { element } = stage;
  return new Promise((resolve) => {
    let points: Point[] | undefined;
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, stop]);
    stage.setMoving(false);
    element.classList.add('drawing');
    const at = ({ clientX, clientY }: PointerEvent): Point => {
      const { x, y } = stage.pointAt(clientX, clientY);
      return [tenth(x), tenth(y)];
    };
    const finish = (result: Point[] | undefined) => {
      stage.setMoving(true);
      element.classList.remove('drawing');
      done.abort();
      resolve(result);
    };
    stop.addEventListener('abort', () => finish(undefined), { signal: done.signal });
    const options = { signal, capture: true };
    const down = (event: PointerEvent) => {
      event.preventDefault();
      event.stopPropagation();
      element.setPointerCapture(event.pointerId);
      points = [at(event)];
    };
    const move = (event: PointerEvent) => {
      if (!points) return;
      event.stopPropagation();
      const [first, here] = [points[0]!, at(event)];
      if (tool === 'rectangle') points = [first, [here[0], first[1]], here, [first[0], here[1]]];
      else points.push(here);
      draft(points);
    };
    const up = (event: PointerEvent) => {
      if (!points) return;
      event.stopPropagation();
      move(event);
      finish(points.length < 3 ? undefined : thinned(points));
    };
    element.addEventListener('pointerdown', down, options);
    element.addEventListener('pointermove', move, options);
    element.addEventListener('pointerup', up, options);
    element.addEventListener('pointercancel', () => finish(undefined), options);
  });
}

/** A place in px as a shape has it, to the tenth. */
export const tenth = (px: number): number => Math.round(px * 10) / 10;

/** Leaves vertices out evenly until they are few enough. */
function thinned(points: Point[]): Point[] {
  if (points.length <= mostVertices) return points;
  return Array.from(
    { length: mostVertices },
    (_, k) => points[Math.floor((k * points.length) / mostVertices)]!,
  );
}
