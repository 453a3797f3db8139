import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { embeddedModel } from '../../src/model/model.js';
import { slideId } from '../../src/slide/slide.js';
import { isRectangle, readManifest } from './manifest.js';
import { fileFacts, slidesBelow, slidesMatching, type FileFacts } from '../../src/slide/slide-files.js';
import type { CohortSlide, Problem, Wish } from './cohort-slide.js';

/** What a user asks for: slides by name, or a manifest; and what goes for each slide that does not say otherwise. */
export interface Request {
  /** Files, folders or patterns. */
  readonly slides: readonly string[];
  readonly manifest?: string | undefined;
  /** Folder of results: nothing in it is taken for a slide. */
  readonly out: string;
  readonly mpp?: number | undefined;
  readonly mask?: string | undefined;
  readonly roi?: string | undefined;
  readonly model?: string | undefined;
}

/** Names in the folder of results that are no slide's. */
const reserved = ['cohort.csv', 'cohort.parquet', 'report.html', 'slurm'];

/** Finds the slides that a request names, in its order, and all that is wrong with it. */
export async function collectSlides(
  request: Request,
): Promise<{ slides: CohortSlide[]; problems: Problem[] }> {
  const { wishes, problems } = await collectWishes(request);
  const slides: CohortSlide[] = [];
  for (const wish of wishes) {
    const slide = await grant(wish, request, problems);
    if (slide) slides.push(slide);
  }
  problems.push(...idProblems(wishes));
  if (wishes.length === 0 && problems.length === 0) problems.push({ kind: 'usage', text: 'no slide to run' });
  return { slides, problems };
}

/**
 * All problems as one error, one line each.
 * @throws HoverslideError of the problems' kind, `usage` where they differ
 */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const [{ kind, text }] = problems as [Problem];
  if (problems.length === 1) throw new HoverslideError(kind, text);
  const common = problems.every((problem) => problem.kind === kind) ? kind : 'usage';
  const lines = problems.map((problem) => `\n  ${problem.text}`);
  throw new HoverslideError(common, `${problems.length} problems, nothing was run:${lines.join('')}`);
}

async function collectWishes({ slides, manifest, out }: Request) {
  if (manifest !== undefined) return readManifest(manifest);
  const wishes: Wish[] = [];
  const problems: Problem[] = [];
  const named = new Set<string>();
  for (const argument of slides) {
    const found = await slidesOf(argument, out);
    if (found.length === 0)
      problems.push({ kind: 'input', text: `${argument}: expected slides, found none` });
    for (const slide of found.filter((path) => !named.has(path))) {
      named.add(slide);
      wishes.push({ where: argument, slide, columns: {} });
    }
  }
  return { wishes, problems };
}

/** A file, the slides below a folder, or what a pattern matches. What exists under the name itself comes first. */
async function slidesOf(argument: string, out: string): Promise<string[]> {
  const found = await stat(argument).catch(() => undefined);
  if (found?.isDirectory()) return slidesBelow(resolve(argument), out);
  return (found ? undefined : await slidesMatching(argument)) ?? [resolve(argument)];
}

/** The slide that is wished for; undefined, and a problem more, where a file is not there. */
async function grant(wish: Wish, request: Request, problems: Problem[]): Promise<CohortSlide | undefined> {
  const { mask, roi, model } = {
    mask: wish.mask ?? absolute(request.mask),
    roi: wish.roi ?? absolute(request.roi),
    model: wish.model,
  };
  const others = [mask, roi !== undefined && !isRectangle(roi) ? roi : undefined, model];
  const facts = await Promise.allSettled([
    fileFacts(wish.slide),
    ...others.map((path) => path && stat(path)),
  ]);
  const missing = facts.flatMap((fact, index) =>
    fact.status === 'rejected'
      ? [missingLine([wish.slide, ...others][index]!, fact.reason, wish, request)]
      : [],
  );
  problems.push(...missing);
  if (missing.length > 0) return undefined;
  return {
    id: wish.id ?? slideId(wish.slide),
    path: wish.slide,
    file: (facts[0] as PromiseFulfilledResult<FileFacts>).value,
    mpp: wish.mpp ?? request.mpp,
    mask,
    roi,
    model: model ?? request.model ?? embeddedModel,
    columns: wish.columns,
  };
}

/** A path; numbers of a region of interest are none. */
function absolute(path: string | undefined): string | undefined {
  return path === undefined || isRectangle(path) ? path : resolve(path);
}

function missingLine(path: string, reason: unknown, wish: Wish, { manifest }: Request): Problem {
  const why = (reason as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : errorLine(reason);
  return { kind: 'missing', text: `${manifest === undefined ? '' : `${wish.where}: `}${path}: ${why}` };
}

function idProblems(wishes: readonly Wish[]): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, Wish>();
  for (const wish of wishes) {
    const id = wish.id ?? slideId(wish.slide);
    const other = seen.get(id);
    seen.set(id, wish);
    const text = !/^[^./\\\0][^/\\\0]*$/.test(id)
      ? `id '${id}': expected a name for a folder, without slashes and not beginning with a dot`
      : reserved.includes(id)
        ? `id '${id}': the name is taken by hoverslide's own files`
        : other
          ? `id '${id}' is there twice: ${other.slide} and ${wish.slide} would both write to that folder`
          : undefined;
    if (text !== undefined) problems.push({ kind: 'usage', text: `${wish.where}: ${text}` });
  }
  return problems;
}
