import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { hostname } from 'node:os';
import { isIP } from 'node:net';

/**
 * The secret of one server: 128 random bits, that its address holds once and a cookie from then on. Cookies know no ports,
 * so the cookie's name belongs to this secret alone: servers behind one name do not take each other's away.
 */
export class Secret {
  readonly token = randomBytes(16).toString('base64url');
  readonly cookie = `hoverslide-${createHash('sha256').update(this.token).digest('hex').slice(0, 12)}`;

  /** Returns the header that leaves the secret with a browser: no script reads it, no other site sends it. */
  get setCookie(): string {
    return `${this.cookie}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** Returns whether a request brings the secret, in its cookie or its address. Takes as long whatever it brings. */
  opens(cookies: string | undefined, query: string | null): boolean {
    const kept = cookieOf(cookies ?? '', this.cookie);
    return [kept, query].some((given) => typeof given === 'string' && areEqual(given, this.token));
  }
}

function areEqual(given: string, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function cookieOf(header: string, name: string): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Returns whether a name or address means this machine and reaches nobody else's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** Returns whether an address stands for all addresses of this machine. */
export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/**
 * Returns whether a request names a host that the server can be known by. A page elsewhere whose name was made to lead
 * here (DNS rebinding) sends its own name. The port says nothing: through ssh it can be any.
 * @param header `Host`, as the request has it
 * @param listening name or address that the server listens at; loopback for a socket
 */
export function isOurHost(header: string | undefined, listening: string): boolean {
  const host = hostOf(header ?? '');
  if (host === undefined) return false;
  if (isLoopback(host) || host === listening.toLowerCase()) return true;
  return isEverywhere(listening) && (isIP(host) !== 0 || host === hostname().toLowerCase());
}

/** Returns the name or address of a `Host` header without port and brackets. */
function hostOf(header: string): string | undefined {
  return /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i
    .exec(header)
    ?.slice(1)
    .find((part) => part !== undefined)
    ?.toLowerCase();
}

/** Returns whether a request comes from our own page, as far as it says where it comes from. */
export function isOurOrigin(origin: string | undefined, host: string | undefined): boolean {
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`;
}
