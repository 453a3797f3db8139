import type { Stage, Where } from './stage.js';

/** Two stages that move together: as far in um, at the same um per pixel. */
export class Link {
  #linked = true;
  #moving = false;
  /** From the middle of the first to that of the second, in um. */
  #offset = { x: 0, y: 0 };

  constructor(readonly stages: readonly [Stage, Stage]) {
    this.linked = true;
    for (const [index, stage] of stages.entries()) {
      stage.osd.addHandler('zoom', () => this.#follow(index));
      stage.osd.addHandler('pan', () => this.#follow(index));
    }
  }

  /** Links them as they lie now, or lets go of them. */
  set linked(linked: boolean) {
    const [first, second] = this.stages;
    const [a, b] = [inUm(first), inUm(second)];
    this.#offset = { x: b.x - a.x, y: b.y - a.y };
    this.#linked = linked;
    if (linked) this.#follow(0);
  }

  #follow(index: number): void {
    if (!this.#linked || this.#moving) return;
    const [leader, follower] = [this.stages[index]!, this.stages[1 - index]!];
    const sign = index === 0 ? 1 : -1;
    const { x, y, mpp } = inUm(leader);
    const to = { x: x + sign * this.#offset.x, y: y + sign * this.#offset.y, mpp };
    // What comes back from the other one is the same place again.
    if (same(inUm(follower), to)) return;
    this.#moving = true;
    follower.go({ x: to.x / follower.slide.mpp, y: to.y / follower.slide.mpp, mpp });
    this.#moving = false;
  }
}

function inUm(stage: Stage): Where {
  const { x, y, mpp } = stage.where();
  return { x: x * stage.slide.mpp, y: y * stage.slide.mpp, mpp };
}

/** Whether two places are less than half a screen pixel apart. */
function same(a: Where, b: Where): boolean {
  const far = Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));
  return far < b.mpp / 2 && Math.abs(a.mpp / b.mpp - 1) < 1e-4;
}
