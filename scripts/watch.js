// `npm run test:watch [file...]`: compiles what is changed and runs these test files, or all, after every change.
import { spawn } from 'node:child_process';
import { root } from './steps.js';
import { compiledTest, compiler } from './typescript.js';
import './setup.js';

const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] };
const compile = [compiler, '-p', 'tsconfig.json', '--watch', '--preserveWatchOutput'];
const compiling = spawn(process.execPath, compile, options);
const files = process.argv.slice(2).map(compiledTest);
const testing = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'watch', ...files], {
  cwd: root,
  stdio: 'inherit',
});
compiling.on('exit', () => testing.kill());
testing.on('exit', (code) => {
  compiling.kill();
  process.exitCode = code ?? 1;
});
