import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { openViewer, type Viewer, type ViewerOptions } from '../../pipelines/view/open-viewer.js';
import type { CohortView, SlideEntry } from '../../src/view/messages.js';
import { needs } from '../../testkit/needs.js';

const executablePath = '/usr/bin/chromium';
export const needsChromium = needs(existsSync(executablePath) ? false : 'the package chromium');

/** In ms: no bound on speed. */
const againstHangs = 60_000;

/** The frame that was drawn last, as the page tells it. */
export interface Frame {
  readonly detail: 'density' | 'points' | 'outlines';
  readonly points: number;
  readonly segments: number;
  readonly triangles: number;
  readonly quads: number;
}

export interface Where {
  readonly x: number;
  readonly y: number;
  readonly mpp: number;
}

interface Handle {
  readonly frame: Frame | undefined;
  readonly busy: boolean;
  readonly where: Where;
  readonly beside: Where | undefined;
}

/** A page with a folder of results, and what it asked for. */
export class Tab {
  readonly requests: string[] = [];
  readonly complaints: string[] = [];

  constructor(
    readonly page: Page,
    readonly viewer: Viewer,
  ) {
    page.on('request', (request) => this.requests.push(request.url()));
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  get address(): string {
    return `http://127.0.0.1:${this.viewer.port}/`;
  }

  /** Opens the list, or what stands behind the `#`. */
  async open(hash = ''): Promise<void> {
    await this.page.goto(`${this.address}?token=${this.viewer.token}${hash}`);
  }

  async slides(): Promise<readonly SlideEntry[]> {
    const answer = await this.page.request.get(`${this.address}api/cohort`);
    return ((await answer.json()) as CohortView).slides;
  }

  async openSlide(id: string, query = ''): Promise<void> {
    const { key } = (await this.slides()).find((slide) => slide.id === id)!;
    await this.page.goto(`${this.address}#/slide/${key}${query}`);
    await this.settled();
  }

  /** Waits until the view rests and all of its nuclei are there. */
  async settled(): Promise<void> {
    let before = '';
    await this.until(
      async () => {
        await this.page.waitForTimeout(150);
        const handle = await this.#handle();
        const last = before;
        before = JSON.stringify(handle);
        return handle !== undefined && !handle.busy && before === last;
      },
      () => before,
    );
  }

  /** Waits until something is so. @param state what is said if it never is */
  async until(holds: () => Promise<boolean>, state = () => ''): Promise<void> {
    const end = Date.now() + againstHangs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`it did not come to what was waited for: ${state()}`);
      await this.page.waitForTimeout(50);
    }
  }

  async frame(): Promise<Frame> {
    return (await this.#handle())!.frame!;
  }

  async where(): Promise<Where> {
    return (await this.#handle())!.where;
  }

  /** Where the slide beside is; undefined until there is one. */
  async beside(): Promise<Where | undefined> {
    return (await this.#handle())?.beside;
  }

  /** What the page tells tests of itself. The page's policy forbids texts that become code: so a function. */
  #handle(): Promise<Handle | undefined> {
    return this.page.evaluate(() => {
      const { hoverslide } = globalThis as { hoverslide?: Handle };
      if (!hoverslide) return undefined;
      const { frame, busy, where, beside } = hoverslide;
      return { frame: frame && { ...frame, js: 0 }, busy, where, beside };
    });
  }

  /** The place on the screen of a level-0 px of a slide with so many um per px. */
  async onScreen(x: number, y: number, mpp: number): Promise<{ x: number; y: number }> {
    const where = await this.where();
    const box = (await this.page.locator('.stage').first().boundingBox())!;
    return {
      x: box.x + box.width / 2 + ((x - where.x) * mpp) / where.mpp,
      y: box.y + box.height / 2 + ((y - where.y) * mpp) / where.mpp,
    };
  }

  /** Checks that nothing went wrong, and that nobody else was asked for anything. */
  check(): void {
    assert.deepEqual(this.complaints, []);
    const elsewhere = this.requests.filter(
      (url) => !url.startsWith(this.address) && !/^(data|blob):/.test(url),
    );
    assert.deepEqual(elsewhere, []);
  }
}

/** Starts a browser for the tests of a file. */
export function browserForFile(): (
  out: string,
  options?: BrowserContextOptions & Partial<ViewerOptions>,
) => Promise<Tab> {
  let browser: Browser | undefined;
  const viewers: Viewer[] = [];
  afterAll(async () => {
    await browser?.close();
    await Promise.all(viewers.map((viewer) => viewer.close()));
  });
  return async (out, { slides, cache, ...context } = {}) => {
    const args = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--no-sandbox'];
    browser ??= await chromium.launch({ executablePath, args });
    const viewer = await openViewer(out, { port: 0, host: '127.0.0.1', slides, cache }, (line) =>
      assert.fail(line),
    );
    viewers.push(viewer);
    const opened = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...context });
    return new Tab(await opened.newPage(), viewer);
  };
}
