import { fork } from 'node:child_process';
import { exitCodes } from '../../src/errors.js';
import { isAddressSpaceLimited, withoutWasmReservation } from '../../src/machine.js';
import { stopSignal } from './stop.js';

/** Environment variable that is set in the process that does the work. */
const marker = 'HOVERSLIDE_SUPERVISED';

/** Returns true in a process that another one supervises. Such a process ends together with its supervisor. */
export function isSupervised(): boolean {
  return process.env[marker] !== undefined && process.send !== undefined;
}

/** Tells the supervisor that a slide was begun. */
export function reportBegun(): void {
  process.send?.('begun');
}

/**
 * Runs this same command in a second process, and starts it again when a signal kills that process. The cause may be a
 * slide that crashes a library, or the kernel when memory runs out. The new process takes over the slide at which the
 * old one died. After a few deaths the slide counts as failed, so that one broken slide never ends the night. A process
 * that dies before any slide is begun is not started again.
 * @returns the exit code
 */
export async function supervise(): Promise<number> {
  const stop = stopSignal();
  for (;;) {
    const child = fork(process.argv[1]!, process.argv.slice(2), {
      env: { ...process.env, [marker]: '1' },
      execArgv: isAddressSpaceLimited() ? [...process.execArgv, withoutWasmReservation] : process.execArgv,
    });
    const passOn = () => child.connected && child.send('stop');
    stop.addEventListener('abort', passOn);
    let begun = false;
    child.on('message', (message) => (begun ||= message === 'begun'));
    const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
      (resolve) => child.on('exit', (code, signal) => resolve({ code, signal })),
    );
    stop.removeEventListener('abort', passOn);
    if (code !== null) return code;
    console.error(`hoverslide: the process that ran the slides died of ${signal}`);
    if (stop.aborted) return exitCodes.stopped;
    if (!begun) return exitCodes.internal;
  }
}
