import { stat } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { cohortFiles } from '../../src/cohort/cohort-files.js';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { embeddedModel } from '../../src/model/embedded.js';
import { fileFacts, type FileFacts } from '../../src/slide/files/facts.js';
import { slidesBelow, slidesMatching, type FoundSlides } from '../../src/slide/files/find.js';
import { slideFiles } from '../../src/slide/files/slide-files.js';
import { checkGiven } from '../../src/slide/pixel-size.js';
import { parseRegion, resolveRegion } from '../../src/tissue/region-text.js';
import { readManifest } from './manifest.js';
import type { CohortSlide, Problem, SlideRequest } from './cohort-slide.js';

/** A user's request: slides by name, or a manifest; and options for each slide that does not give its own. */
export interface CohortRequest {
  /** Files, folders or patterns. */
  readonly slides: readonly string[];
  readonly manifest?: string | undefined;
  readonly mpp?: number | undefined;
  readonly mask?: string | undefined;
  readonly roi?: string | undefined;
  readonly model?: string | undefined;
}

/** A request whose slide has a name. */
type NamedRequest = SlideRequest & { readonly id: string };

/** Options for each slide that does not give its own; paths are absolute. */
type SharedOptions = Pick<CohortSlide, 'mpp' | 'mask' | 'roi' | 'model'>;

/**
 * Finds the slides that a request names, in its order, and all problems of the request.
 * @throws HoverslideError `usage` for a pixel size or region of interest that makes no sense, `missing` if the manifest
 *   cannot be read
 */
export async function collectSlides(
  cohort: CohortRequest,
): Promise<{ slides: CohortSlide[]; problems: Problem[]; notices: string[] }> {
  if (cohort.mpp !== undefined) checkGiven(cohort.mpp);
  const { requests, problems, notices } = await collectRequests(cohort);
  const shared = {
    mpp: cohort.mpp,
    mask: cohort.mask === undefined ? undefined : resolve(cohort.mask),
    roi: cohort.roi === undefined ? undefined : resolveRegion(cohort.roi, '.'),
    model: cohort.model ?? embeddedModel,
  };
  const slides: CohortSlide[] = [];
  for (const request of requests) {
    const slide = await resolveSlide(request, shared, problems);
    if (slide) slides.push(slide);
  }
  problems.push(...idProblems(requests));
  if (requests.length === 0 && problems.length === 0)
    problems.push({ kind: 'usage', text: 'no slide to run' });
  return { slides, problems, notices };
}

/**
 * Throws all problems as one error, one line each. Does nothing if there are none.
 * @throws HoverslideError of the problems' kind, `usage` if their kinds differ
 */
export function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const [{ kind, text }] = problems as [Problem];
  if (problems.length === 1) throw new HoverslideError(kind, text);
  const common = problems.every((problem) => problem.kind === kind) ? kind : 'usage';
  const lines = problems.map((problem) => `\n  ${problem.text}`);
  throw new HoverslideError(common, `${problems.length} problems, nothing was run:${lines.join('')}`);
}

async function collectRequests({ slides, manifest }: CohortRequest) {
  if (manifest !== undefined) {
    const { requests, problems } = await readManifest(manifest);
    const named = await Promise.all(requests.map(async (request) => (await wholeSlide(request)).request));
    return { requests: named, problems, notices: [] };
  }
  const requests: NamedRequest[] = [];
  const problems: Problem[] = [];
  const notices: string[] = [];
  const named = new Set<string>();
  for (const argument of slides) {
    if (/\.(csv|tsv)$/i.test(argument)) {
      problems.push({
        kind: 'usage',
        text: `${argument}: expected slides, found a table: a manifest is given by --manifest`,
      });
      continue;
    }
    const { slides: found, leftOut } = await slidesOf(argument);
    notices.push(...leftOut);
    if (found.length === 0)
      problems.push({ kind: 'input', text: `${argument}: expected slides, found none` });
    const whole = await Promise.all(found.map((slide) => wholeSlide({ where: slide, slide, columns: {} })));
    const parts = new Set(whole.flatMap(({ others }) => others));
    for (const { request } of whole) {
      if (named.has(request.slide) || parts.has(request.slide)) continue;
      named.add(request.slide);
      requests.push(request);
    }
  }
  return { requests, problems, notices };
}

/**
 * Turns a request for a file into a request for the slide that the file belongs to, and gives it a name. The first file
 * of a DICOM slide stands for the whole slide. A request whose files cannot be found stays as it is; it fails later,
 * with the reason.
 * @returns the request, and the slide's other files
 */
async function wholeSlide(request: SlideRequest): Promise<{ request: NamedRequest; others: string[] }> {
  const files = await slideFiles(request.slide).catch(() => undefined);
  if (!files) return { request: { ...request, id: request.id ?? parse(request.slide).name }, others: [] };
  const { id, folder, names, isSeries } = files;
  const slide = isSeries ? join(folder, names[0]) : request.slide;
  const where = request.where === request.slide ? slide : request.where;
  return {
    request: { ...request, where, slide, id: request.id ?? id },
    others: names.slice(1).map((name) => join(folder, name)),
  };
}

/**
 * Finds the slides that an argument names: a file, the slides below a folder, or the files that a pattern matches. A
 * path that exists under this very name is preferred to a pattern.
 */
async function slidesOf(argument: string): Promise<FoundSlides> {
  const found = await stat(argument).catch(() => undefined);
  if (found?.isDirectory()) return slidesBelow(resolve(argument));
  const matching = found ? undefined : await slidesMatching(argument);
  return { slides: matching ?? [resolve(argument)], leftOut: [] };
}

/** Looks up the files of a requested slide. If one is missing, adds a problem and returns undefined. */
async function resolveSlide(
  request: NamedRequest,
  shared: SharedOptions,
  problems: Problem[],
): Promise<CohortSlide | undefined> {
  const { where, slide, id, columns, ...own } = request;
  const { mpp, mask, roi, model }: SharedOptions = { ...shared, ...own };
  const region = roi === undefined ? undefined : parseRegion(roi);
  const others = [mask, region && 'file' in region ? region.file : undefined, own.model];
  const facts = await Promise.allSettled([fileFacts(slide), ...others.map((path) => path && stat(path))]);
  const missing = facts.flatMap((fact, index) =>
    fact.status === 'rejected' ? [missingFile([slide, ...others][index]!, fact.reason, where)] : [],
  );
  problems.push(...missing);
  if (missing.length > 0) return undefined;
  const { value: file } = facts[0] as PromiseFulfilledResult<FileFacts>;
  const fromManifest = Object.keys(own);
  return { id, path: slide, file, mpp, mask, roi, model, fromManifest, columns };
}

function missingFile(path: string, reason: unknown, where: string): Problem {
  if (reason instanceof HoverslideError) return { kind: reason.kind, text: reason.message };
  const why = (reason as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : errorLine(reason);
  return { kind: 'missing', text: `${where === path ? '' : `${where}: `}${path}: ${why}` };
}

function idProblems(requests: readonly NamedRequest[]): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, NamedRequest>();
  for (const request of requests) {
    const { id } = request;
    const other = seen.get(id);
    seen.set(id, request);
    const text = !/^[^./\\\0][^/\\\0]*$/.test(id)
      ? `id '${id}': expected a name for a folder, without slashes and not beginning with a dot`
      : Object.values<string>(cohortFiles).includes(id)
        ? `id '${id}': the name is taken by hoverslide's own files`
        : other
          ? `id '${id}' is there twice: ${other.slide} and ${request.slide} would both write to that folder`
          : undefined;
    if (text !== undefined) problems.push({ kind: 'usage', text: `${request.where}: ${text}` });
  }
  return problems;
}
