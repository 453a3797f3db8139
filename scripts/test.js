// `npm test`: sets up what is missing, then runs the C++, TypeScript and Python tests and adds up what really ran.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.js';
import './setup.js';

const { preparePython, python } = await import('./python-env.js');
const { buildTests, testBinary } = await import('./native-tests.js');
preparePython();
buildTests();

/** Runs a command, shows what it prints, and returns that with its exit code. */
function run(title, command, args) {
  console.log(`\n== ${title}`);
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
      process.stdout.write(text);
    });
    child.on('close', (code) => resolve({ code, output }));
  });
}

/** The number before or after a word in a runner's closing lines; 0 where it is not there. */
const number = (output, pattern) => Number([...output.matchAll(pattern)].at(-1)?.[1] ?? 0);

const tests = readdirSync(join(root, 'dist', 'test'), { recursive: true })
  .filter((name) => name.endsWith('.test.js'))
  .map((name) => join('dist', 'test', name))
  .sort();

const results = [];
const cpp = await run('C++', testBinary, []);
results.push({
  code: cpp.code,
  passed: number(cpp.output, /\| +(\d+) passed \| +\d+ failed \| +\d+ skipped/g),
  failed: number(cpp.output, /\| +(\d+) failed \| +\d+ skipped/g),
  skipped: number(cpp.output, /\| +(\d+) skipped/g),
});
const ts = await run('TypeScript', process.execPath, [
  '--test',
  '--test-timeout=600000',
  '--test-reporter=spec',
  ...tests,
]);
results.push({
  code: ts.code,
  passed: number(ts.output, /^ℹ pass (\d+)/gm),
  failed: number(ts.output, /^ℹ fail (\d+)/gm) + number(ts.output, /^ℹ cancelled (\d+)/gm),
  skipped: number(ts.output, /^ℹ skipped (\d+)/gm),
});
const py = await run('Python', python, ['-m', 'pytest', '-q', '-rs', 'pipelines/distill']);
results.push({
  code: py.code,
  passed: number(py.output, /(\d+) passed/g),
  failed: number(py.output, /(\d+) failed/g) + number(py.output, /(\d+) errors?\b/g),
  skipped: number(py.output, /(\d+) skipped/g),
});

const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
const broken = results.some(({ code, passed }) => code !== 0 || passed === 0);
if (process.env.CI && sum('skipped') > 0) console.log('In CI nothing may be skipped: see above what was.');
process.exit(broken || sum('failed') > 0 || (process.env.CI && sum('skipped') > 0) ? 1 : 0);
