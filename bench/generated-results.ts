import { rm } from 'node:fs/promises';
import { SlideFolder } from '../src/table/slide-folder.js';
import { runCommand } from '../testkit/command.js';
import { stubModel } from '../testkit/stub.js';
import { placeGeneratedTable } from './generated-table.js';

/** Runs a model that costs nothing on a bit of each slide, for results that are whole. */
export async function runOnBits(slides: string, out: string): Promise<void> {
  const bit = ['--roi', '1000,1000,300,300', '--no-tissue-mask'];
  const { code, stderr } = await runCommand(slides, '-o', out, '--model', stubModel, ...bit);
  if (code !== 0) throw new Error(`the run ended with ${code}: ${stderr}`);
}

/** Puts generated nuclei in the place of a slide's own. Their overlay is still to be made. */
export async function putNuclei(slide: SlideFolder, nuclei: number): Promise<void> {
  await rm(slide.overlay, { force: true });
  await placeGeneratedTable(slide.table('parquet'), nuclei);
}
