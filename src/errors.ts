/**
 * Kinds of errors, as a script sees them. Each kind has an exit code (see the README's table). Codes from 64 follow
 * sysexits(3), so that they cannot be confused with a signal or with Node's own codes.
 */
export const exitCodes = {
  /** Some slides failed and others were done. */
  partial: 1,
  /** An option or argument that does not make sense. */
  usage: 64,
  /** A file that cannot be read as a slide, image, mask or table. */
  input: 65,
  /** A file or folder that does not exist or may not be read. */
  missing: 66,
  /** An unknown pixel size, or one outside the range that the model was trained on. */
  pixelSize: 67,
  /** A model whose inputs, outputs or card do not fit. */
  model: 68,
  /** Something that must be installed: OpenSlide, the addon, an execution provider. */
  unavailable: 69,
  /** A fault in hoverslide itself. */
  internal: 70,
  /** The net's device was lost during the run. The same command continues from the journal. */
  device: 71,
  /** The net's device ran out of memory during the run. Smaller batches take less. */
  deviceMemory: 71,
  /** No space left, or an output that cannot be written. */
  output: 73,
  /** Stopped by a signal at a safe point. The same command continues from there. */
  stopped: 75,
} as const;

export type ErrorKind = keyof typeof exitCodes;

export interface HoverslideErrorOptions extends ErrorOptions {
  /** The option of the API that the error is about. The message names it, and other options, as `option mpp`. */
  readonly option?: string;
}

/** An error that a user can act on: one line, no stack trace, a distinct exit code. */
export class HoverslideError extends Error {
  override name = 'HoverslideError';
  readonly option: string | undefined;

  constructor(
    readonly kind: ErrorKind,
    message: string,
    options: HoverslideErrorOptions = {},
  ) {
    super(printable(message), options);
    this.option = options.option;
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }

  /** Returns the same error with options named as the user gave them, such as `--mpp` on a command line. */
  naming(nameOf: (option: string) => string): HoverslideError {
    if (this.option === undefined) return this;
    const message = this.message.replaceAll(/\boption (\w+)/g, (_, option: string) => nameOf(option));
    return new HoverslideError(this.kind, message, { cause: this, option: this.option });
  }
}

/** Returns the one line to show for any thrown value. */
export function errorLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.split('\n', 1)[0]!);
}

/** Replaces control characters, which damaged files bring into the messages of libraries. Line ends stay. */
function printable(text: string): string {
  return text.replaceAll(/[^\n\P{Cc}]/gu, '?');
}
