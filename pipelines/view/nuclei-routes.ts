import sharp from 'sharp';
import type { Overlay } from '../../src/overlay/read.js';
import type { TableFacts } from '../../src/table/context.js';
import { tableFormats, type TableFormat } from '../../src/table/open.js';
import { densityPicture, levelToShow, longestSide } from '../../src/view/density-picture.js';
import { selectNuclei } from '../../src/view/selection.js';
import type { OpenNuclei } from '../overlay/open-nuclei.js';
import type { ListedSlide } from './cohort-list.js';
import type { NucleiOfSlides } from './nuclei-of-slides.js';
import { json, notFound, Refusal, type Reply } from './reply.js';
import { selectionFile } from './selection-file.js';
import type { Question, Route } from './server.js';
import type { SlideFacts } from './slide-facts.js';

/** Function that makes a route below a slide's address. */
export type OfSlide = (
  path: string,
  answer: (slide: ListedSlide, known: SlideFacts, question: Question) => Promise<Reply>,
  method?: Route['method'],
) => Route;

const column = '/columns/(\\w{1,100})';

/** Returns the addresses of the nuclei of a slide. */
export function nucleiRoutes(ofSlide: OfSlide, all: NucleiOfSlides): Route[] {
  /** Makes a route that needs the slide's nuclei. */
  const ofNuclei = (
    path: string,
    answer: (nuclei: OpenNuclei, question: Question, slide: ListedSlide) => Promise<Reply>,
    method?: Route['method'],
  ): Route =>
    ofSlide(
      `/nuclei/([0-9a-f]{16})${path}`,
      async (slide, { table }, question) => {
        if ('missing' in table) throw new Refusal(404, table.missing);
        const [edition, ...parts] = question.parts;
        return all.use(slide, edition!, (nuclei) => answer(nuclei, { ...question, parts }, slide));
      },
      method,
    );

  return [
    ofNuclei('/overlay', async ({ overlay }) => json(overlay.directory)),
    ofNuclei('/overlay/(\\d{1,9})', ({ overlay }, { parts }) => block(overlay, Number(parts[0]))),
    ofNuclei('/density', ({ overlay, facts }, { query }) => density(overlay, facts, query)),
    ofNuclei(column, async ({ columns }, { parts }) => json(await columns.view(parts[0]!))),
    ofNuclei(`${column}/(\\d{1,9})`, async ({ columns }, { parts: [name, group] }) => {
      const { buffer, byteOffset, byteLength } = await columns.group(name!, Number(group));
      return { type: 'application/octet-stream', body: new Uint8Array(buffer, byteOffset, byteLength) };
    }),
    ofNuclei('/rows/(\\d{1,10})', async ({ columns }, { parts }) =>
      json(await columns.row(Number(parts[0]))),
    ),
    ofNuclei('/find', async ({ columns }, { query }) => {
      const found = await columns.find(query.get('id') ?? '');
      if (!found) throw notFound('nucleus');
      return json(found);
    }),
    ofNuclei(
      '/selection',
      async (nuclei, { body }) => {
        const request = await body();
        return json(await selectNuclei({ ...nuclei, tissue: await nuclei.tissue() }, request));
      },
      'POST',
    ),
    ofNuclei(
      `/selection/(${tableFormats.join('|')})`,
      async (nuclei, { parts, body }, { folder }) =>
        selectionFile(folder, nuclei, await body(), parts[0] as TableFormat),
      'POST',
    ),
  ];
}

async function block(overlay: Overlay, number: number): Promise<Reply> {
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
  const shown = classes.filter(({ id }) => wanted === undefined || wanted.includes(id));
  const colors = new Map(shown.map(({ id, color }) => [id, color] as const));
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
