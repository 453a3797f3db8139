import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HoverslideError, type ErrorKind } from '../../src/errors.js';
import { html } from '../../src/report/html.js';

/** What a request gets. */
export interface Reply {
  readonly type: string;
  readonly body: Uint8Array | string | Readable;
  /** Changes with the body; by default it is made from it. */
  readonly version?: string;
  /** Whether the body is compressed by gzip. */
  readonly gzipped?: boolean;
}

/** A request that is turned down, with one line for who sent it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function notFound(what: string): Refusal {
  return new Refusal(404, `no such ${what}`);
}

export function json(value: unknown): Reply {
  return { type: 'application/json', body: JSON.stringify(value) };
}

const statuses: Partial<Record<ErrorKind, number>> = { usage: 400, missing: 404, input: 422, pixelSize: 422 };

/** Returns the status for an error; undefined for a fault of ours. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof Refusal) return error.status;
  return error instanceof HoverslideError ? (statuses[error.kind] ?? 500) : undefined;
}

/** Of every answer: nothing is fetched from or told to elsewhere, nothing is shown in others' pages. */
const everyAnswer = {
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; worker-src 'self' blob:; " +
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** Bytes from which on text is compressed: addresses are often reached through ssh. */
const worthCompressing = 4_096;
const compressed = promisify(gzip);

/** Sends a reply. Whatever is sent is asked for again each time, and sent again if it has changed. */
export async function send(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { type, body, gzipped = false } = reply;
  const headers: Record<string, string | number> = {
    ...everyAnswer,
    'Content-Type': type.startsWith('text/') || type.endsWith('json') ? `${type}; charset=utf-8` : type,
    'Cache-Control': 'private, no-cache',
    ...(gzipped && { 'Content-Encoding': 'gzip' }),
  };
  const head = request.method === 'HEAD';
  if (!(body instanceof Uint8Array) && typeof body !== 'string') {
    response.writeHead(200, headers);
    if (head) response.end();
    else await pipeline(body, response);
    return;
  }
  const version = reply.version ?? createHash('sha256').update(body).digest('base64url').slice(0, 22);
  const zip =
    typeof body === 'string' &&
    body.length >= worthCompressing &&
    /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  headers['ETag'] = `"${version}${zip ? '-gzip' : ''}"`;
  if (typeof body === 'string') headers['Vary'] = 'Accept-Encoding';
  if (request.headers['if-none-match'] === headers['ETag']) {
    response.writeHead(304, headers).end();
    return;
  }
  const bytes = zip ? await compressed(body) : typeof body === 'string' ? Buffer.from(body) : body;
  if (zip) headers['Content-Encoding'] = 'gzip';
  response.writeHead(200, { ...headers, 'Content-Length': bytes.length });
  response.end(head ? undefined : bytes);
}

/** Sends the browser on to the page, with the key in a cookie and no longer in its address. */
export function sendOn(response: ServerResponse, setCookie: string): void {
  response.writeHead(303, {
    ...everyAnswer,
    Location: './',
    'Set-Cookie': setCookie,
    'Cache-Control': 'no-store',
  });
  response.end();
}

/**
 * Turns a request down. What else it would have sent is not read.
 * @param how with the methods that are allowed, where it is about them, and whether a person reads the answer, not the page
 */
export function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  { allow, asPage = false }: { readonly allow?: string; readonly asPage?: boolean } = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    ...everyAnswer,
    'Content-Type': `${asPage ? 'text/html' : 'application/json'}; charset=utf-8`,
    'Cache-Control': 'no-store',
    ...(allow !== undefined && { Allow: allow }),
    Connection: 'close',
  });
  response.end(asPage ? pageOf(error) : JSON.stringify({ error }));
}

const pageOf = (line: string) =>
  html`<!doctype html>
    <html lang="en">
      <title>hoverslide</title>
      <h1>hoverslide</h1>
      <p>${line}</p>
    </html>`.text;
