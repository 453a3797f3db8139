/** A wheel of PyPI's. */
export interface WheelName {
  readonly name: string;
  readonly version: string;
}

/** Gives what the file names of a wheel begin with. */
export function wheelStem(wheel: WheelName): string;

/** Finds a wheel in a folder. @throws Error of the file system if the folder cannot be read */
export function findWheel(wheel: WheelName, folder: string): Promise<string | undefined>;

/**
 * Fetches a wheel with pip into a folder.
 * @param platform options of pip that choose the platform, if it is not this machine and its Python
 * @returns its path; undefined if pip failed, which has then said why on stderr
 * @throws Error ENOENT if there is no python3
 */
export function fetchWheel(
  wheel: WheelName,
  folder: string,
  platform?: readonly string[],
): Promise<string | undefined>;

/**
 * Takes files out of a wheel into a flat folder.
 * @param names file names without their paths in the wheel
 * @throws Error if the wheel is damaged or does not have them all, or a file cannot be written
 */
export function takeOut(file: string, names: readonly string[], folder: string): Promise<void>;
