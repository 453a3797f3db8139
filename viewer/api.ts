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

export const slideAddress = (key: string): string => `api/slides/${encodeURIComponent(key)}`;

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
  const text = await response.text();
  let line = `The server answered ${response.status}`;
  try {
    line = (JSON.parse(text) as { error?: string }).error ?? line;
  } catch {
    // not JSON: the status has to do
  }
  throw new Refused(response.status, line);
}

const json = async <T>(address: string, init?: RequestInit) => (await (await ask(address, init)).json()) as T;

const post = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const cohort = () => json<CohortView>('api/cohort');
export const slide = (key: string) => json<SlideView>(slideAddress(key));
export const directory = (key: string) => json<OverlayDirectory>(`${slideAddress(key)}/overlay`);
export const row = (key: string, index: number) => json<RowView>(`${slideAddress(key)}/rows/${index}`);
export const layer = (key: string, name: string) =>
  json<GeoJSON.FeatureCollection>(`${slideAddress(key)}/layers/${encodeURIComponent(name)}`);
export const column = (key: string, name: string) =>
  json<ColumnView>(`${slideAddress(key)}/columns/${encodeURIComponent(name)}`);
export const find = (key: string, id: string) =>
  json<{ row: number; x: number; y: number }>(`${slideAddress(key)}/find?id=${encodeURIComponent(id)}`);
export const select = (key: string, request: SelectionRequest) =>
  json<SelectionView>(`${slideAddress(key)}/selection`, post(request));

/** The rows of a selection, as a file. */
export const rowsOf = async (key: string, format: string, request: SelectionRequest): Promise<Blob> =>
  (await ask(`${slideAddress(key)}/selection/${format}`, post(request))).blob();

/** Hands a file to the user. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
