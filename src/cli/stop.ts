/**
 * Signals that stop a run at its next safe point: Ctrl-C, SIGTERM, and SIGUSR1, which Slurm sends before the time is
 * up. A second Ctrl-C ends the process at once; journals survive that too.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted && name === 'SIGINT') process.exit(130);
      controller.abort();
    });
  }
  return controller.signal;
}
