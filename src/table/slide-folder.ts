import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { naming } from '../files.js';
import { tableFiles, tableFormats, type TableFormat } from './open.js';

/** The folder of one slide's results: the one place that knows the names of the files in it. */
export class SlideFolder {
  /** `OUT/<id>`. */
  constructor(readonly path: string) {}

  table(format: TableFormat): string {
    return join(this.path, tableFiles[format]);
  }

  get summary(): string {
    return join(this.path, 'summary.json');
  }

  get overview(): string {
    return join(this.path, 'overview.png');
  }

  get thumbnail(): string {
    return join(this.path, 'thumbnail.jpg');
  }

  /** How the other files were made. */
  get record(): string {
    return join(this.path, 'run.json');
  }

  /** Folder: what is done of a slide that is not done yet. */
  get journal(): string {
    return join(this.path, 'journal');
  }

  /** Folder: the slide's states in its cohort. */
  get states(): string {
    return join(this.path, 'states');
  }

  /**
   * Removes all results, so that none of them is taken for one of a new run; journal and states stay.
   * @throws HoverslideError `output`
   */
  async removeResults(): Promise<void> {
    const tables = tableFormats.map((format) => this.table(format));
    const files = [...tables, this.summary, this.overview, this.thumbnail, this.record];
    await naming(this.path, () => Promise.all(files.map((file) => rm(file, { force: true }))));
  }

  /** Names a file of it relative to the folder of all results, as a link in a report needs it. */
  link(file: string): string {
    return `${encodeURIComponent(basename(this.path))}/${basename(file)}`;
  }
}
