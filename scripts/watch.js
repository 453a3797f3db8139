// `npm run test:watch [file...]`: compiles what is changed and runs these test files, or all, after every change.
import { spawn } from 'node:child_process';
import { root } from './steps.js';
import { compiledTest, compiler } from './typescript.js';
import './setup.js';

// The compiler starts a process of its own, which only a signal to both ends.
const compiling = spawn(
  process.execPath,
  [compiler, '-p', 'tsconfig.json', '--watch', '--preserveWatchOutput'],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], detached: true },
);
const files = process.argv.slice(2).map(compiledTest);
const testing = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'watch', ...files], {
  cwd: root,
  stdio: 'inherit',
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => testing.kill());
compiling.on('exit', () => testing.kill());
testing.on('exit', () => {
  if (compiling.exitCode === null && compiling.signalCode === null) process.kill(-compiling.pid);
});
