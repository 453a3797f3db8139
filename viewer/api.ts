// What the server is asked. All addresses are relative to the page's own, so that it works behind any prefix.
import type { OverlayDirectory } from '../src/overlay/layout.js';
import type {
  CohortView,
  ColumnView,
  RowView,
  SelectionRequest,
  SelectionView,
  SlideView,
} from '../src/view/messages.js';
import { refusalOf } from './data/refusal.js';

export const slideAddress = (key: string): string => `api/slides/${encodeURIComponent(key)}`;

/** Of the nuclei that a page shows: once a run has replaced them, the server refuses it, and nothing of two runs is mixed. */
export const nucleiAddress = ({ key, nuclei }: SlideView): string =>
  `${slideAddress(key)}/nuclei/${'edition' in nuclei ? nuclei.edition : 'none'}`;

/** An answer other than 2xx, with the line that the server gave. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

async function ask(address: string, init?: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch {
    throw new Refused(0, 'The server does not answer: is `hoverslide view` still running?');
  }
  if (response.ok) return response;
  throw new Refused(response.status, await refusalOf(response));
}

const json = async <T>(address: string, init?: RequestInit) => (await (await ask(address, init)).json()) as T;

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const cohort = () => json<CohortView>('api/cohort');
export const slide = (key: string) => json<SlideView>(slideAddress(key));
export const directory = (slide: SlideView) => json<OverlayDirectory>(`${nucleiAddress(slide)}/overlay`);
export const row = (slide: SlideView, index: number) =>
  json<RowView>(`${nucleiAddress(slide)}/rows/${index}`);
export const layer = (key: string, name: string) =>
  json<GeoJSON.FeatureCollection>(`${slideAddress(key)}/layers/${encodeURIComponent(name)}`);
export const column = (slide: SlideView, name: string) =>
  json<ColumnView>(`${nucleiAddress(slide)}/columns/${encodeURIComponent(name)}`);
export const find = (slide: SlideView, id: string) =>
  json<{ row: number; x: number; y: number }>(`${nucleiAddress(slide)}/find?id=${encodeURIComponent(id)}`);
export const select = (slide: SlideView, request: SelectionRequest) =>
  json<SelectionView>(`${nucleiAddress(slide)}/selection`, post(request));

/** The rows of a selection, as a file. */
export const rowsOf = async (slide: SlideView, format: string, request: SelectionRequest): Promise<Blob> =>
  (await ask(`${nucleiAddress(slide)}/selection/${format}`, post(request))).blob();

/** Hands a file to the user. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
