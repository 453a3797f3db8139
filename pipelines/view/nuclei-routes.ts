import sharp from 'sharp';
import { densityPicture, levelToShow, longestSide } from '../../src/view/density-picture.js';
import type { Overlay } from '../../src/overlay/read.js';
import type { TableFacts } from '../../src/table/context.js';
import type { ListedSlide } from './cohort-list.js';
import type { Overlays } from './overlays.js';
import { json, notFound, Refusal, type Reply } from './reply.js';
import type { Question, Route } from './server.js';
import type { SlideFacts } from './slide-facts.js';

/** Function that makes a route below a slide's address. */
export type OfSlide = (
  path: string,
  answer: (slide: ListedSlide, known: SlideFacts, question: Question) => Promise<Reply>,
  method?: Route['method'],
) => Route;

/** Returns the addresses of the nuclei of a slide. */
export function nucleiRoutes(ofSlide: OfSlide, overlays: Overlays): Route[] {
  return [
    ofSlide('/overlay', (slide, known) => {
      tableOf(known);
      return overlays.use(slide, async ({ directory }) => json(directory));
    }),
    ofSlide('/overlay/(\\d{1,9})', (slide, known, { parts }) => {
      tableOf(known);
      return overlays.use(slide, (overlay) => blockOf(overlay, Number(parts[0])));
    }),
    ofSlide('/density', (slide, known, { query }) => {
      const { facts } = tableOf(known);
      return overlays.use(slide, (overlay) => density(overlay, facts, query));
    }),
  ];
}

/** @throws Refusal if the slide has no nuclei to show, with the reason */
export function tableOf({ table }: SlideFacts): Extract<SlideFacts['table'], { facts: TableFacts }> {
  if ('missing' in table) throw new Refusal(404, table.missing);
  return table;
}

async function blockOf(overlay: Overlay, number: number): Promise<Reply> {
  const { table, blocks } = overlay.directory;
  if (number >= blocks.length.length) throw notFound('block');
  const body = await overlay.block(number);
  return { type: 'application/zstd', body, version: `${table.slice(0, 16)}-${number}` };
}

/** Draws the density of some classes, all by default, of a grid of the overlay, the finest that is small enough by default. */
async function density(
  overlay: Overlay,
  { slide, classes }: TableFacts,
  query: URLSearchParams,
): Promise<Reply> {
  const wanted = query.get('classes')?.split(',').map(Number);
  const colors = new Map(
    classes.flatMap(({ id, color }) =>
      wanted === undefined || wanted.includes(id) ? [[id, color] as const] : [],
    ),
  );
  const level = query.has('level') ? Number(query.get('level')) : levelToShow(overlay, slide);
  const grid = overlay.directory.densities[level];
  if (!grid) throw notFound('grid');
  if (Math.max(slide.width, slide.height) > grid.cell * longestSide) {
    throw new Refusal(400, `expected a grid of at most ${longestSide} cells across`);
  }
  const { width, height, data } = await densityPicture(overlay, slide, level, colors);
  const body = await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  return { type: 'image/png', body };
}
