import { lstat, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { Secret } from '../../src/view/access.js';
import { hidePaths, type Hide } from '../../src/view/hide-paths.js';
import { CohortList } from './cohort-list.js';
import { OpenSlides } from './open-slides.js';
import { NucleiOfSlides } from './nuclei-of-slides.js';
import { overlayCache } from './overlay-cache.js';
import { readPage } from './page.js';
import { routesOf } from './routes.js';
import { makeServer } from './server.js';
import { FactsOfSlides } from './slide-facts.js';
import { SlidePlaces } from './slide-places.js';
import { TilePool } from './tile-pool.js';

export interface ViewerOptions {
  /** Port to listen at; 0 for any that is free. */
  readonly port: number;
  /** Name or address to listen at. */
  readonly host: string;
  /** Path of a socket to listen at in place of host and port. */
  readonly socket?: string | undefined;
  /** Folder in which slides are looked for that are not where their run found them. */
  readonly slides?: string | undefined;
  /** Folder for overlays that cannot lie beside their table; by default in the user's cache. */
  readonly cache?: string | undefined;
  /** Folder of the page's files; by default the package's. */
  readonly page?: string | undefined;
}

export interface Viewer {
  /** Port that is listened at; undefined for a socket. */
  readonly port: number | undefined;
  readonly token: string;
  readonly close: () => Promise<void>;
}

/**
 * Serves a folder of results, or of one slide in it, to browsers.
 * @param fault told of faults of the server and of its files, one line each
 * @throws HoverslideError `missing` without results, `usage` where the port, host or socket cannot be listened at,
 *   `unavailable` if the package is incomplete
 */
export async function openViewer(
  out: string,
  options: ViewerOptions,
  fault: (line: string) => void,
): Promise<Viewer> {
  const page = await readPage(options.page);
  const cohort = await CohortList.open(out);
  const slides = options.slides === undefined ? undefined : resolve(options.slides);
  const places = await SlidePlaces.in(slides);
  const tiles = new TilePool();
  const cache = await overlayCache(options.cache, fault);
  const nuclei = new NucleiOfSlides(cache.path, fault);
  const close = async () => {
    await Promise.all([tiles.close(), nuclei.close()]);
    await cache.close();
  };
  const secret = new Secret();
  const ours = [cohort.out, dirname(cohort.out), ...(slides === undefined ? [] : [slides])];
  const hide: Hide = (message, path) =>
    hidePaths(message, path === undefined ? ours : [...ours, dirname(path)]);
  const sources = {
    page,
    cohort,
    facts: new FactsOfSlides(nuclei),
    slides: new OpenSlides(places),
    tiles,
    nuclei,
    hide,
  };
  const server = makeServer({ secret, host: options.host, routes: routesOf(sources), hide, fault });
  try {
    await listen(server, options);
  } catch (error) {
    await close();
    throw error;
  }
  const address = server.address();
  return {
    port: typeof address === 'string' ? undefined : (address as AddressInfo).port,
    token: secret.token,
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      await close();
    },
  };
}

async function listen(server: Server, { port, host, socket }: ViewerOptions): Promise<void> {
  if (socket !== undefined) await clearSocket(socket);
  const mask = socket === undefined ? undefined : process.umask(0o177); // others may not even connect
  try {
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.once('listening', () => {
        server.off('error', fail);
        done();
      });
      if (socket !== undefined) server.listen(socket);
      else server.listen(port, host);
      if (mask !== undefined) process.umask(mask);
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const [option, name] = socket === undefined ? (['port', port] as const) : (['socket', socket] as const);
    if (code === 'EADDRINUSE') throw unusable(option, `${name} is in use: name another one`);
    if (code === 'EACCES') throw unusable(option, `${name} may not be used: name another one`);
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      throw unusable('host', `expected a name or address of this machine, found ${host}`);
    }
    throw unusable(option, `${name} cannot be listened at: ${errorLine(error)}`);
  }
}

/** Bytes of a socket's path: what is longer the system cuts off without a word. */
const longestSocket = 107;

/** Removes a socket that a server has left behind when it was killed. @throws HoverslideError `usage` for anything else */
async function clearSocket(socket: string): Promise<void> {
  const bytes = Buffer.byteLength(socket);
  if (bytes > longestSocket) {
    throw unusable('socket', `expected a path of at most ${longestSocket} bytes, found one of ${bytes}`);
  }
  const found = await lstat(socket).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket()) throw unusable('socket', `${socket} is there and no socket: name another one`);
  const answers = await new Promise<boolean>((done) => {
    const probe = connect(socket, () => {
      probe.destroy();
      done(true);
    }).on('error', () => done(false));
  });
  if (answers) throw unusable('socket', `${socket} is in use: name another one`);
  await rm(socket, { force: true });
}

function unusable(option: string, message: string): HoverslideError {
  return new HoverslideError('usage', `option ${option}: ${message}`, { option });
}
