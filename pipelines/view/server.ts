import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { errorLine } from '../../src/errors.js';
import { isOurHost, isOurOrigin, type Secret } from '../../src/view/access.js';
import { notFound, refuse, Refusal, send, sendOn, statusOf, type Reply } from './reply.js';

/** A request that may be answered. */
export interface Question {
  /** What the route's pattern captured. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Reads the body as JSON. @throws Refusal if it is too long, or is none */
  readonly body: () => Promise<unknown>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Of the path as it is sent: nothing in it is decoded, so nothing can be hidden in it. */
  readonly path: RegExp;
  readonly answer: (question: Question) => Promise<Reply>;
}

export interface ServerOptions {
  readonly secret: Secret;
  /** Name or address that is listened at. */
  readonly host: string;
  readonly routes: readonly Route[];
  /** Makes a message fit for the page. */
  readonly hide: (message: string) => string;
  /** Told of faults of ours. */
  readonly fault: (line: string) => void;
}

/** Longest body of a request, in bytes: a polygon of some 30,000 vertices. */
const longestBody = 2 ** 20;

/** Makes the server of the page and its data. It answers who has the secret, on its own host, from its own page. */
export function makeServer(options: ServerOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: 16_384,
      headersTimeout: 5_000, // a client that is slower than this holds a connection for nothing
      requestTimeout: 20_000,
      keepAliveTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => void handle(request, response, options),
  );
  server.maxConnections = 512;
  server.setTimeout(600_000); // of a client that does not read its answer; the first overlay of a slide takes minutes
  return server;
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
): Promise<void> {
  const { hide, fault } = options;
  try {
    const reply = await answer(request, response, options);
    if (reply && !response.destroyed) await send(request, response, reply);
  } catch (error) {
    if (response.destroyed) return; // nobody waits
    const status = statusOf(error);
    if (status === undefined) fault(`${request.method} ${pathOf(request)}: ${errorLine(error)}`);
    const line = status === undefined ? 'internal error: the server has said more' : hide(errorLine(error));
    refuse(response, status ?? 500, line, {
      ...(status === 405 && { allow: 'GET, HEAD, POST' }),
      asPage: pathOf(request) === '/',
    });
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { secret, host, routes }: ServerOptions,
): Promise<Reply | undefined> {
  const { method = '', headers } = request;
  if (!['GET', 'HEAD', 'POST'].includes(method)) throw new Refusal(405, `expected GET, HEAD or POST`);
  if (!isOurHost(headers.host, host)) throw new Refusal(403, 'this server is not known by that name');
  if (!isOurOrigin(headers.origin, headers.host))
    throw new Refusal(403, 'the request comes from another site');
  const path = pathOf(request);
  const query = new URLSearchParams((request.url ?? '').slice(path.length));
  if (!secret.opens(headers.cookie, query.get('token'))) {
    throw new Refusal(403, "expected the address as 'hoverslide view' printed it, with its token");
  }
  if (path === '/' && query.has('token') && method !== 'POST') {
    sendOn(response, secret.setCookie);
    return undefined;
  }
  const asked = method === 'POST' ? 'POST' : 'GET';
  const matching = routes.filter((route) => route.path.test(path));
  const route = matching.find((one) => one.method === asked);
  if (!route)
    throw matching.length > 0 ? new Refusal(405, `expected another method here`) : notFound('address');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const parts = route.path.exec(path)!.slice(1);
  let body: Promise<unknown> | undefined; // a question may be answered anew, but its body comes once
  return route.answer({ parts, query, signal: gone.signal, body: () => (body ??= bodyOf(request)) });
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = await new Promise<string>((resolve, reject) => {
    const tooLong = () => {
      request.pause();
      reject(new Refusal(413, `expected a body of at most ${longestBody} bytes`));
    };
    if (Number(request.headers['content-length']) > longestBody) return tooLong();
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > longestBody) tooLong();
      else parts.push(part);
    });
    request.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
    request.on('error', reject);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal(400, 'expected a body in JSON');
  }
}
