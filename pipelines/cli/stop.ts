/**
 * Returns the signal that stops a run at its next safe point. It is set off by Ctrl-C, SIGTERM, SIGUSR1 (which Slurm
 * sends before the time is up) and the supervisor's message. A second Ctrl-C ends the process at once, and so does the
 * end of the supervisor. Journals survive that.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController();
  let interrupts = 0;
  process.on('SIGINT', () => {
    if (interrupts++ > 0) process.exit(130);
    controller.abort();
  });
  process.on('SIGTERM', () => controller.abort());
  process.on('SIGUSR1', () => controller.abort());
  if (process.send) {
    process.on('message', (message) => {
      if (message === 'stop') controller.abort();
    });
    process.on('disconnect', () => process.exit(130));
  }
  return controller.signal;
}
