import { HoverslideError } from '../errors.js';

/** Reads from a Parquet file. @throws HoverslideError `input` that names the file, for whatever `work` throws */
export async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new HoverslideError(
      'input',
      `${path} cannot be read as a Parquet table: ${(error as Error).message}`,
      { cause: error },
    );
  }
}
