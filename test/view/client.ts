import { mkdir, writeFile } from 'node:fs/promises';
import { request, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openViewer, type Viewer, type ViewerOptions } from '../../pipelines/view/open-viewer.js';
import type { CohortView, SlideEntry, SlideView } from '../../src/view/messages.js';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Without the cookie. */
  readonly stranger?: boolean;
}

/** A browser that has opened the address of a viewer. It sends paths as they are given. */
export class Browser {
  constructor(
    readonly viewer: Viewer,
    readonly faults: readonly string[],
  ) {}

  get port(): number {
    return this.viewer.port!;
  }

  async ask(path: string, { method = 'GET', headers, body, stranger = false }: Asked = {}): Promise<Answer> {
    const cookie = stranger ? {} : { cookie: await this.cookie() };
    return ask(this.port, path, {
      method,
      headers: { ...cookie, ...headers },
      ...(body !== undefined && { body }),
    });
  }

  async json<T>(path: string): Promise<T> {
    const { status, body } = await this.ask(path);
    if (status !== 200) throw new Error(`${path}: ${status} ${body.toString()}`);
    return JSON.parse(body.toString()) as T;
  }

  /** The entry of a slide in the list. */
  async slide(id: string): Promise<SlideEntry> {
    const { slides } = await this.json<CohortView>('/api/cohort');
    return slides.find((slide) => slide.id === id)!;
  }

  async view(id: string): Promise<SlideView> {
    const { key } = await this.slide(id);
    return this.json<SlideView>(`/api/slides/${key}`);
  }

  /** The address of a slide's nuclei; one that leads nowhere where there are none. */
  async nuclei(id: string): Promise<string> {
    const { key, nuclei } = await this.view(id);
    return `/api/slides/${key}/nuclei/${'edition' in nuclei ? nuclei.edition : '0'.repeat(16)}`;
  }

  #cookie: string | undefined;
  async cookie(): Promise<string> {
    if (this.#cookie === undefined) {
      const { headers } = await ask(this.port, `/?token=${this.viewer.token}`, { method: 'GET' });
      this.#cookie = headers['set-cookie']![0]!.split(';')[0]!;
    }
    return this.#cookie;
  }
}

export function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body }: Asked,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Writes files that stand for the page's. */
export async function writePage(folder: string): Promise<string> {
  const page = join(folder, 'page');
  await mkdir(page, { recursive: true });
  await writeFile(join(page, 'index.html'), '<!doctype html><title>page</title>');
  for (const name of ['app.js', 'worker.js', 'app.css']) await writeFile(join(page, name), `/* ${name} */`);
  return page;
}

/** Serves a folder of results for one test. */
export async function browse(
  out: string,
  page: string,
  options: Partial<ViewerOptions> = {},
): Promise<Browser> {
  const faults: string[] = [];
  const viewer = await openViewer(out, { port: 0, host: '127.0.0.1', page, ...options }, (line) =>
    faults.push(line),
  );
  onTestFinished(() => viewer.close());
  return new Browser(viewer, faults);
}
