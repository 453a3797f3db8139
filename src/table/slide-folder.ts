import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isThere, naming, syncFolder } from '../files.js';
import { tableFiles, type TableFormat } from './open.js';

const summaryFile = 'summary.json';
const overviewFile = 'overview.png';
const thumbnailFile = 'thumbnail.jpg';
/** The tissue mask that was used. Evaluation passes it over: it holds no nuclei. */
export const tissueFile = 'tissue.geojson';
const examplesFile = 'nuclei.jpg';
const contextFile = 'context.parquet';
const tilesFile = 'tiles.parquet';
const tumourFile = 'tumour.geojson';
const featuresFile = 'features.json';
const overlayFile = 'nuclei.overlay';
const recordFile = 'run.json';

/** Names of the result files. The record comes last. */
const resultFiles = [
  ...Object.values(tableFiles),
  summaryFile,
  overviewFile,
  thumbnailFile,
  tissueFile,
  examplesFile,
  contextFile,
  tilesFile,
  tumourFile,
  featuresFile,
  overlayFile,
  recordFile,
];

/** The folder of one slide's results. The names of the files in it are known nowhere else. */
export class SlideFolder {
  /** @param path `OUT/<id>` */
  constructor(readonly path: string) {}

  table(format: TableFormat): string {
    return join(this.path, tableFiles[format]);
  }

  get summary(): string {
    return join(this.path, summaryFile);
  }

  get overview(): string {
    return join(this.path, overviewFile);
  }

  get thumbnail(): string {
    return join(this.path, thumbnailFile);
  }

  /** Path of the tissue mask that was used, as GeoJSON. */
  get tissue(): string {
    return join(this.path, tissueFile);
  }

  /** Path of the sheet of nuclei to look at. A slide without nuclei has none. */
  get examples(): string {
    return join(this.path, examplesFile);
  }

  /** Path of what is around each nucleus, row by row as the table. */
  get context(): string {
    return join(this.path, contextFile);
  }

  /** Path of the counts and sums per square of the slide. */
  get tiles(): string {
    return join(this.path, tilesFile);
  }

  /** Path of the tumour region that its features count by, as GeoJSON. A slide without features or such a region has none. */
  get tumour(): string {
    return join(this.path, tumourFile);
  }

  /** Path of the slide's features. A slide for which none were asked has none. */
  get features(): string {
    return join(this.path, featuresFile);
  }

  /** Path of the file from which a viewer draws the nuclei. A slide without a table in Parquet has none. */
  get overlay(): string {
    return join(this.path, overlayFile);
  }

  /** Path of the record, which says how the other files were made. */
  get record(): string {
    return join(this.path, recordFile);
  }

  /** Path of the journal's folder: what is done of a slide that is not done yet. */
  get journal(): string {
    return join(this.path, 'journal');
  }

  /** Path of the folder with the slide's states in its cohort. */
  get states(): string {
    return join(this.path, 'states');
  }

  /** Folder for the results of the run at work. When they are whole, they replace the results that are there. */
  get incoming(): SlideFolder {
    return new SlideFolder(join(this.path, '.incoming'));
  }

  /**
   * Replaces the results that are there with new ones that are whole, and removes old files that have no successor. The
   * old record is removed first and the new one comes last, since without a record nothing counts as results.
   * @throws HoverslideError `output`
   */
  async replaceResults(): Promise<void> {
    const { path, incoming } = this;
    await naming(path, async () => {
      await rm(this.record, { force: true });
      for (const name of resultFiles) {
        const file = join(path, name);
        if (await isThere(join(incoming.path, name))) await rename(join(incoming.path, name), file);
        else await rm(file, { force: true });
      }
      await rm(incoming.path, { recursive: true, force: true });
      await syncFolder(path);
    });
  }

  /** Returns the name of one of its files relative to the folder of all results, as a link in a report needs it. */
  link(file: string): string {
    return `${encodeURIComponent(basename(this.path))}/${basename(file)}`;
  }
}
