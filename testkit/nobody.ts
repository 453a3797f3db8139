/**
 * Runs `work` without root's right to read and write everything. This also works where tests run as root, as they do in
 * CI.
 */
export async function withoutRoot(work: () => Promise<void>): Promise<void> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid!(65534); // nobody
  try {
    await work();
  } finally {
    process.seteuid!(0);
  }
}
