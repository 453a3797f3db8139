import type { TableFacts } from '../table/context.js';
import { fileMetadata } from '../table/metadata.js';
import { ParquetFile } from '../table/parquet-file.js';
import type { NucleiAround } from './around.js';
import { contextColumns, type ContextColumn } from './columns.js';
import type { Role } from './roles.js';

const types = { float32: 'FLOAT', int32: 'INT32' } as const;

/** `context.parquet` on its way to disk: row k of it is row k of the table, in the same row groups. */
export class ContextFile {
  private constructor(
    private readonly file: ParquetFile,
    private readonly columns: readonly ContextColumn[],
    private readonly facts: TableFacts,
  ) {}

  /**
   * Opens the file for writing. It appears under `path` as a whole when it is closed, or never.
   * @throws HoverslideError `output` if it cannot be written; so do the methods
   */
  static async open(path: string, facts: TableFacts, present: readonly Role[]): Promise<ContextFile> {
    const columns = contextColumns(present);
    const fields = columns.map(({ name, type }) => ({
      name,
      repetition_type: 'OPTIONAL' as const,
      type: types[type],
    }));
    const schema = [{ name: 'context', num_children: fields.length }, ...fields];
    return new ContextFile(await ParquetFile.open(path, schema, facts.version), columns, facts);
  }

  /** Writes a row group. */
  async write({ context }: NucleiAround): Promise<void> {
    await this.file.writeNumbers(this.columns.map(({ name }) => ({ name, values: context[name]! })));
  }

  async close(): Promise<void> {
    await this.file.close(fileMetadata(this.facts, this.columns));
  }

  async abort(): Promise<void> {
    await this.file.abort();
  }
}
