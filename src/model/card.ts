import { z } from 'zod';
import { HoverslideError } from '../errors.js';
import type { OnnxFile } from './onnx-file.js';

/** Key of a model's card in the ONNX file's metadata. */
const cardKey = 'hoverslide.card';

const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'expected [low, high]');
const colour = z.number().int().min(0).max(255);

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
  patch: z.int().positive(),
  stride: z.int().positive(),
  /** Class 0 is a nucleus for which every vote was background. */
  classes: z
    .array(
      z.object({
        id: z.int().min(0).max(255),
        name: z.string().min(1),
        color: z.tuple([colour, colour, colour]),
        /** False for a class that training never saw: results are without it. */
        learned: z.boolean().optional(),
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
  /** Minimum and maximum of each axis's raw gradient: a 21 x 21 Sobel of h or v in their own units. */
  seamless: z.object({ h: range, v: range }),
  training: z.string(),
  limits: z.string(),
  licence: z.string().min(1),
});

/** A model's description of itself. The README explains each field. */
export type ModelCard = z.infer<typeof cardSchema>;

/** Reads a model's card. @throws HoverslideError `model` if the file has no card, or one that does not fit */
export function readCard(path: string, { metadata }: OnnxFile): ModelCard {
  const text = metadata.get(cardKey);
  if (text === undefined) {
    throw new HoverslideError(
      'model',
      `${path}: expected a model card in the ONNX metadata under '${cardKey}', found none`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new HoverslideError(
      'model',
      `${path}: expected the model card to be JSON, found '${text.slice(0, 40)}'`,
    );
  }
  const card = cardSchema.safeParse(json);
  if (!card.success) {
    const issue = card.error.issues[0]!;
    throw new HoverslideError('model', `${path}: model card, '${issue.path.join('.')}': ${issue.message}`);
  }
  const { patch, stride } = card.data;
  if (stride > patch || (patch - stride) % 2 !== 0) {
    throw new HoverslideError(
      'model',
      `${path}: model card: expected a stride at most the patch (${patch}) with an even margin, found ${stride}`,
    );
  }
  return card.data;
}
