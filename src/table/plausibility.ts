/** A result that sections of tissue stained with H&E do not give. */
export interface Implausibility {
  readonly flag: string;
  /** What is odd and what may be behind it, for a person. */
  readonly meaning: string;
  readonly applies: (summary: Found) => boolean;
}

/** What was found on a slide, as its summary has it, and of its stain. */
interface Found {
  readonly count: number;
  readonly density_per_mm2: number | null;
  readonly area_um2: { readonly median: number | null };
  readonly classes: Readonly<Record<string, { readonly count: number }>>;
  readonly otherStainShare?: number | undefined;
}

/** Nuclei below which a slide has too few to say what is usual on it. */
const fewest = 50;

/**
 * Largest share of tissue in other stains than H&E. Of 837 H&E images of 31 organs (CoNSeP, Lizard, MoNuSeg, NuInsSeg, CMU-1
 * and two of TCGA) none has more than 0.34. Recoloured with DAB in place of both stains they have at least 0.87, inverted
 * nearly all more than 0.5.
 */
const mostOtherStain = 0.45;

/**
 * What cannot be, or hardly: each is a reason to look at the slide before its numbers are used. Bounds are wide: sections
 * of nuclei have median areas of some 20 to 80 um2, and the densest lymphoid tissue has about 10,000 nuclei per mm2.
 */
export const implausibilities: readonly Implausibility[] = [
  {
    flag: 'implausible_area',
    meaning: 'a median nuclear area below 10 or above 150 µm²: is the pixel size right?',
    applies: ({ count, area_um2: { median } }) =>
      count >= fewest && median !== null && (median < 10 || median > 150),
  },
  {
    flag: 'implausible_density',
    meaning: 'more than 12,000 nuclei per mm² of tissue: is the pixel size right?',
    applies: ({ count, density_per_mm2 }) =>
      count >= fewest && density_per_mm2 !== null && density_per_mm2 > 12_000,
  },
  {
    flag: 'one_class',
    meaning: 'all nuclei are of one class: is it a slide that the model can do?',
    applies: ({ count, classes }) =>
      count >= 4 * fewest && Object.values(classes).some((group) => group.count === count),
  },
  {
    flag: 'unlike_he',
    meaning: `over ${mostOtherStain * 100} % of the tissue absorbs red or blue more than green, unlike haematoxylin and eosin: is it H&E?`,
    applies: ({ otherStainShare }) => otherStainShare !== undefined && otherStainShare > mostOtherStain,
  },
];
