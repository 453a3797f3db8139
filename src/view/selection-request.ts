import { z } from 'zod';
import { HoverslideError } from '../errors.js';
import type { SelectionRequest } from './messages.js';

/** Most vertices of a polygon. */
const mostVertices = 2_000;

const number = z.number(); // neither NaN nor infinite
const schema = z.strictObject({
  polygon: z.array(z.tuple([number, number])),
  classes: z.array(z.int()).optional(),
  thresholds: z
    .array(z.strictObject({ column: z.string(), min: number.optional(), max: number.optional() }))
    .max(64)
    .optional(),
  setAside: z.boolean().optional(),
});

interface Known {
  /** Ids of the table's classes, and names of its columns of numbers. */
  readonly classes: readonly number[];
  readonly columns: readonly string[];
}

/**
 * Checks what a page asks for.
 * @throws HoverslideError `usage` that names what was expected and found
 */
export function checkedRequest(value: unknown, known: Known): SelectionRequest {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
    throw refused(`${path.length > 0 ? path.join('.') : 'request'}: ${message}`);
  }
  const { polygon, classes, thresholds, setAside } = parsed.data;
  if (polygon.length < 3 || polygon.length > mostVertices) {
    throw refused(`polygon: expected 3 to ${mostVertices} vertices, found ${polygon.length}`);
  }
  const unknownClass = classes?.find((id) => !known.classes.includes(id));
  if (unknownClass !== undefined) {
    throw refused(`classes: expected ids among ${known.classes.join(', ')}, found ${unknownClass}`);
  }
  const unknownColumn = thresholds?.find(({ column }) => !known.columns.includes(column))?.column;
  if (unknownColumn !== undefined) {
    throw refused(`thresholds: expected columns among ${known.columns.join(', ')}, found ${unknownColumn}`);
  }
  return {
    polygon,
    ...(classes && { classes }),
    ...(thresholds && {
      thresholds: thresholds.map(({ column, min, max }) => ({
        column,
        ...(min !== undefined && { min }),
        ...(max !== undefined && { max }),
      })),
    }),
    ...(setAside !== undefined && { setAside }),
  };
}

function refused(text: string): HoverslideError {
  return new HoverslideError('usage', `selection: ${text}`);
}
