import { z } from 'zod';
import { HoverslideError } from '../errors.js';
import { hoverNet } from './hover-net.js';
import { withMetadata, type OnnxFile } from './onnx-file.js';

/** Key of a model's card in the ONNX file's metadata. */
const cardKey = 'hoverslide.card';

/** What a class of nuclei means for biology, whatever a model calls it; in the order of everything that is counted per role. */
export const roles = ['tumour', 'epithelial', 'immune', 'stromal', 'dead', 'other'] as const;

export type Role = (typeof roles)[number];

const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'expected [low, high]');
const colour = z.number().int().min(0).max(255);

/** What `seamless` post-processing of a model's maps depends on. */
const seamlessSchema = z.object({
  /** Minimum and maximum of each axis's raw gradient: a Sobel of h or v in their own units. */
  h: range,
  v: range,
  /** Taps of the Sobel each way. HoVer-Net's code has 21; nets for 0.5 um/px are often used with 11. */
  sobel: z
    .int()
    .min(3)
    .max(21)
    .refine((taps) => taps % 2 === 1, 'expected an odd number')
    .default(hoverNet.sobel),
  /** Normalised ridge from which on a pixel is no marker. */
  marker: z.number().gt(0).lt(1).default(hoverNet.marker),
  /** How the constants were found. */
  source: z.string().optional(),
});

const quality = z.object({
  /** Least mean nuclear probability. */
  probability: z.number().min(0).max(1).optional(),
  /** Largest area. */
  largest_um2: z.number().positive().optional(),
  /** Least solidity. */
  solidity: z.number().min(0).max(1).optional(),
});

/** Bounds within which a nucleus of this model is likely to be one. */
export type QualityBounds = z.infer<typeof quality>;

export const cardSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  /** Micrometres per pixel at which the net was trained. */
  mpp: z.number().positive(),
  /** Pixel sizes of slides that the net may run on, in um. */
  mpp_range: range,
  /** Side of the square that the net sees, and of the middle square for which it gives maps, in px. */
  patch: z.int().min(1).max(1024),
  stride: z.int().min(1),
  /** Class 0 is a nucleus for which every vote was background. */
  classes: z
    .array(
      z.object({
        id: z.int().min(0).max(255),
        name: z.string().min(1),
        color: z.tuple([colour, colour, colour]),
        /** False for a class that training never saw: results are without it. */
        learned: z.boolean().optional(),
        /** Absent where nobody said, or where the class means nothing, as class 0. */
        role: z.enum(roles).optional(),
      }),
    )
    .min(2)
    .refine(
      (classes) => classes.every((entry, index) => entry.id === index),
      'expected ids 0, 1, 2, ... in order',
    )
    .refine(([first]) => first?.learned !== false, 'expected class 0 to be one that can be given'),
  /** Nuclei beyond these bounds are set aside; without them none is. */
  quality: quality.optional(),
  /** Constants of post-processing. A model without them can be looked at and calibrated, but runs no slide. */
  seamless: seamlessSchema.optional(),
  training: z.string(),
  limits: z.string(),
  licence: z.string().min(1),
});

/** A model's description of itself. The README explains each field. */
export type ModelCard = z.infer<typeof cardSchema>;

/** The constants of a model that is ready to run. */
export type Seamless = z.infer<typeof seamlessSchema>;

/** Reads a model's card. @throws HoverslideError `model` if the file has no card, or one that does not fit */
export function readCard(path: string, { metadata }: OnnxFile): ModelCard {
  const text = metadata.get(cardKey);
  if (text === undefined) {
    throw new HoverslideError(
      'model',
      `${path}: expected a model card in the ONNX metadata under '${cardKey}', found none`,
    );
  }
  return parseCard(path, text);
}

/**
 * Reads the text of a card.
 * @param source names it in errors
 * @throws HoverslideError `model`
 */
export function parseCard(source: string, text: string): ModelCard {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new HoverslideError(
      'model',
      `${source}: expected the model card to be JSON, found '${text.slice(0, 40)}'`,
    );
  }
  const card = cardSchema.safeParse(json);
  if (!card.success) {
    const issue = card.error.issues[0]!;
    throw new HoverslideError('model', `${source}: model card, '${issue.path.join('.')}': ${issue.message}`);
  }
  const { patch, stride } = card.data;
  if (stride > patch || (patch - stride) % 2 !== 0) {
    throw new HoverslideError(
      'model',
      `${source}: model card: expected a stride at most the patch (${patch}) with an even margin, found ${stride}`,
    );
  }
  return card.data;
}

/** Returns an ONNX file with this card in place of its own, and everything else as it is. */
export function withCard(onnx: Uint8Array, card: ModelCard): Uint8Array {
  return withMetadata(onnx, cardKey, JSON.stringify(card));
}

/**
 * Returns the constants of a model that is to run.
 * @throws HoverslideError `model` if its card has none
 */
export function seamlessOf({ path, card }: { readonly path: string; readonly card: ModelCard }): Seamless {
  if (card.seamless) return card.seamless;
  throw new HoverslideError(
    'model',
    `${path}: expected the constants of post-processing in the model card, found none: find them with hoverslide model calibrate`,
  );
}
