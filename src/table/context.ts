import { HoverslideError } from '../errors.js';
import type { QualityBounds, Role } from '../model/card.js';
import type { StainVectors } from '../nuclei/macenko.js';
import type { ModelSpace } from '../slide/model-space.js';

/** A class of nuclei as the model's card names it. */
export interface NucleusClass {
  readonly id: number;
  readonly name: string;
  /** Red, green and blue, 0..255. */
  readonly color: readonly [number, number, number];
  /** False for a class that the model has never seen in training: it is in no result, and votes for it are void. */
  readonly learned?: boolean | undefined;
  /** What the class means for biology; absent where the card does not say. */
  readonly role?: Role | undefined;
}

/** Facts about a slide and its model that a table holds beside its rows. They must not change from run to run. */
export interface TableFacts {
  readonly slide: {
    readonly id: string;
    /** Hash of the slide's content: the name space of its nuclei's ids. */
    readonly hash: string;
    /** Of level 0, in px. */
    readonly width: number;
    readonly height: number;
    /** Micrometres per level-0 px, and where that was found. */
    readonly mpp: number;
    readonly mpp_source: string;
    /** Origin of the picture that QuPath shows, in level-0 px: openslide.bounds-x and -y, else 0, 0. */
    readonly origin: { readonly x: number; readonly y: number };
  };
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    readonly licence: string;
  };
  /** Version of hoverslide that found the nuclei. */
  readonly version: string;
  /** Classes that nuclei may have, in the order of summaries. */
  readonly classes: readonly NucleusClass[];
  /** The slide's own vectors, if stain was measured by them and not by the fixed ones. */
  readonly stain_vectors?: StainVectors;
  /** What of the slide's table this one holds, where it holds only a part. */
  readonly selection?: Readonly<Record<string, string>>;
}

/** What is needed to make rows of a slide's nuclei. */
export interface TableContext {
  readonly slideHash: string;
  readonly space: ModelSpace;
  /** Classes of the model's card. Class 0 is a nucleus whose pixels all voted for background. */
  readonly classes: readonly NucleusClass[];
  /** Bounds of the model's card beyond which a nucleus is set aside; none by default. */
  readonly quality?: QualityBounds | undefined;
}

/**
 * Returns the classes of a table in the order of summaries and legends: those of the card that the model has learned,
 * but class 0 last.
 */
export function tableClasses(classes: readonly NucleusClass[]): NucleusClass[] {
  const learned = classes.filter((each) => each.learned !== false);
  return [...learned.filter(({ id }) => id !== 0), ...learned.filter(({ id }) => id === 0)].map(
    ({ id, name, color, role }) => ({ id, name, color, ...(role !== undefined && { role }) }),
  );
}

/**
 * Returns the class of a nucleus: the one that its pixels voted for, or class 0 if the model has not learned that.
 * @throws HoverslideError `model` for an id that the card does not have.
 */
export function classOf(classes: readonly NucleusClass[], id: number): NucleusClass {
  const voted = votedClass(classes, id);
  return voted.learned === false ? votedClass(classes, 0) : voted;
}

/**
 * Returns the class that the pixels of a nucleus voted for.
 * @throws HoverslideError `model` for an id that the card does not have.
 */
export function votedClass(classes: readonly NucleusClass[], id: number): NucleusClass {
  const found = classes.find((candidate) => candidate.id === id);
  if (!found) {
    const known = classes.map((candidate) => candidate.id).join(', ');
    throw new HoverslideError(
      'model',
      `the net gave a nucleus of class ${id}, but its card has classes ${known}`,
    );
  }
  return found;
}
