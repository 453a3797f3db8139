import { HoverslideError, errorLine } from '../../src/errors.js';
import type { Hide } from '../../src/view/hide-paths.js';
import { tileAt } from '../../src/view/tiles.js';
import type { CohortList, ListedSlide } from './cohort-list.js';
import { layer, readOwn } from './layers.js';
import type { FoundSlide, OpenSlides } from './open-slides.js';
import { nucleiRoutes, type OfSlide } from './nuclei-routes.js';
import type { NucleiOfSlides } from './nuclei-of-slides.js';
import type { Page } from './page.js';
import { json, notFound, Refusal, statusOf } from './reply.js';
import type { Route } from './server.js';
import { knownOf, type FactsOfSlides, type SlideFacts } from './slide-facts.js';
import { slideView } from './slide-view.js';
import type { TilePool } from './tile-pool.js';

/** What answers are made from. */
export interface Sources {
  readonly page: Page;
  readonly cohort: CohortList;
  readonly facts: FactsOfSlides;
  readonly slides: OpenSlides;
  readonly tiles: TilePool;
  readonly nuclei: NucleiOfSlides;
  readonly hide: Hide;
}

/** Returns all addresses of the server. Keys and names in them are looked up; none becomes part of a path. */
export function routesOf(sources: Sources): Route[] {
  const { page, cohort, facts, slides, tiles, nuclei, hide } = sources;

  /** Makes a route below a slide's address. */
  const ofSlide: OfSlide = (path, answer, method = 'GET') => ({
    method,
    path: new RegExp(`^/api/slides/([0-9a-f]{12})${path}$`),
    answer: async (question) => {
      const slide = await cohort.slide(question.parts[0]!);
      if (!slide) throw notFound('slide');
      try {
        return await answer(slide, await facts.of(slide), { ...question, parts: question.parts.slice(1) });
      } catch (error) {
        if (!(error instanceof HoverslideError)) throw error;
        throw new Refusal(statusOf(error)!, hide(errorLine(error), slide.state.row.path));
      }
    },
  });
  const pixels = (slide: ListedSlide, known: SlideFacts): Promise<FoundSlide> =>
    slides.find(knownOf(slide, known));

  return [
    { method: 'GET', path: /^\/$/, answer: async () => page.get('index.html')! },
    {
      method: 'GET',
      path: /^\/assets\/([a-z.]+)$/,
      answer: async ({ parts: [name] }) => {
        const file = page.get(name!);
        if (!file || name === 'index.html') throw notFound('file');
        return file;
      },
    },
    { method: 'GET', path: /^\/api\/cohort$/, answer: async () => json(await cohort.view(hide)) },
    ofSlide('', async (slide, known) => {
      const picture = await pixels(slide, known).catch((error: unknown) => {
        if (error instanceof HoverslideError) return error;
        throw error;
      });
      return json(await slideView(slide, known, picture, hide));
    }),
    ofSlide('/pixels/(\\d{1,2})/(\\d{1,6})_(\\d{1,6})', async (slide, known, { parts, signal }) => {
      const found = await pixels(slide, known);
      const [level, column, row] = parts.map(Number) as [number, number, number];
      const tile = tileAt(found, level, column, row);
      if (!tile) throw notFound('tile');
      const name = `${found.version}-${level}-${column}-${row}`;
      return { type: 'image/jpeg', body: await tiles.tile(found, name, tile, signal), version: name };
    }),
    ofSlide('/thumbnail', async ({ folder }) => ({
      type: 'image/jpeg',
      body: await readOwn(folder.thumbnail),
    })),
    ofSlide('/layers/([a-z]+)', (slide, known, { parts }) => layer(slide, known, parts[0]!)),
    ...nucleiRoutes(ofSlide, nuclei),
  ];
}
