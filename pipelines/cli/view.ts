import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { InvalidArgumentError, type Command } from 'commander';
import { HoverslideError } from '../../src/errors.js';
import { isEverywhere, isLoopback } from '../../src/view/access.js';
import { openViewer } from '../view/open-viewer.js';

interface ViewFlags {
  readonly port?: number;
  readonly host?: string;
  readonly socket?: string;
  readonly slides?: string;
  readonly open?: boolean;
}

/** Port on the user's own machine that a socket is reached through, in the line for ssh. */
const portForSocket = 8000;

export function registerView(program: Command): void {
  program
    .command('view')
    .summary('look at slides and nuclei in a browser')
    .description(
      'Serves a folder of results to a browser on this machine, or through ssh: the list of slides, each slide with its ' +
        'nuclei over it. Runs may be at work on it; nothing in it is changed. Ctrl-C ends it.',
    )
    .argument('<out>', 'folder of results of a run, or of one slide in it')
    .option('--port <number>', 'port to listen at; any that is free by default', port)
    .option('--host <name>', 'name or address to listen at; 127.0.0.1 by default')
    .option('--socket <path>', 'listen at a socket that only you may use, in place of a port')
    .option('--slides <folder>', 'where to look, by name, for slides that are not where their run found them')
    .option('--open', 'open a browser')
    .action(view);
}

async function view(out: string, flags: ViewFlags): Promise<void> {
  const { port, host, socket, slides, open = false } = flags;
  if (socket !== undefined && (port !== undefined || host !== undefined || open)) {
    throw new HoverslideError(
      'usage',
      'option socket: expected no option port, host or open beside it, found one',
      {
        option: 'socket',
      },
    );
  }
  setFlagsFromString('--optimize-for-size'); // what is known of large tables goes as slides are left: memory comes before speed
  const listening = { port: port ?? 0, host: host ?? '127.0.0.1', socket, slides };
  const viewer = await openViewer(out, listening, (line) => console.error(`hoverslide: ${line}`));
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const at = viewer.port ?? portForSocket;
  const name =
    socket !== undefined ? 'localhost' : isEverywhere(listening.host) ? hostname() : listening.host;
  const address = `http://${inAddress(name)}:${at}/?token=${viewer.token}`;
  const end = socket === undefined ? `${inAddress(reached(listening.host))}:${at}` : resolve(socket);
  const tunnel = `ssh -N -L ${at}:${end} ${userInfo().username}@${hostname()}`;
  if (!isLoopback(listening.host)) {
    console.error(
      `hoverslide: ${listening.host} can be reached by others: the token is all that keeps them out, and everything ` +
        'travels unencrypted; 127.0.0.1 and ssh are safer',
    );
  }
  console.log(socket === undefined ? address : `through ssh: ${address}`);
  console.log(`${socket === undefined ? 'from another machine' : 'first, from your own machine'}: ${tunnel}`);
  if (open) openBrowser(address);
  await stopped;
  await viewer.close();
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65535) return number;
  throw new InvalidArgumentError(`expected a port from 0 to 65535, found ${text}`);
}

function inAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Returns an address by which this machine reaches what it listens at. */
function reached(host: string): string {
  return isEverywhere(host) ? '127.0.0.1' : host;
}

function openBrowser(address: string): void {
  const browser = process.env['BROWSER'] ?? 'xdg-open';
  const child = spawn(browser, [address], { stdio: 'ignore', detached: true });
  child.on('error', () =>
    console.error(`hoverslide: ${browser} cannot be started: open the address yourself`),
  );
  child.unref();
}
