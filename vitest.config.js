// The tests run as the product does: compiled into dist/, imported by Node itself without Vite in between, each file in
// a process of its own. So workers, the addon and the command line are those that are shipped.
import { defineConfig } from 'vitest/config';

const againstHangs = 30 * 60_000; // no bound on speed: a busy machine may take its time

export default defineConfig({
  test: {
    include: ['dist/test/**/*.test.js'],
    server: { deps: { external: [/\/dist\//] } },
    pool: 'forks',
    execArgv: ['--enable-source-maps'],
    testTimeout: againstHangs,
    hookTimeout: againstHangs,
    slowTestThreshold: 10_000,
    // Which test a file of the product belongs to is not known: workers and commands are processes. A change runs them all.
    forceRerunTriggers: ['**/dist/**/*.js'],
    reporters: ['./scripts/test-reporter.js'],
  },
});
