// `npm test`: sets up what is missing, then runs the C++, TypeScript and Python tests and adds up what really ran.
// `npm run test:cpp`, `test:ts` and `test:py` run one part, on the files or with the options of its runner that follow.
import { spawn } from 'node:child_process';
import { root } from './steps.js';
import { compiledTest } from './typescript.js';
import './setup.js';

const [only, ...given] = process.argv.slice(2);

const parts = {
  async cpp() {
    const { buildTests, testBinary } = await import('./native-tests.js');
    buildTests();
    const { code, output } = await run(testBinary, given);
    const counts = /(\d+) passed \| +(\d+) failed \| +(\d+) skipped/.exec(output);
    return result(code, counts?.slice(1));
  },

  async ts() {
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...given.map(compiledTest)];
    const { code, output } = await run(process.execPath, vitest);
    return result(code, /^Vitest: (\d+) passed, (\d+) failed, (\d+) skipped$/m.exec(output)?.slice(1));
  },

  async py() {
    const { python } = await import('./python-env.js');
    const tests = given.length > 0 ? given : ['pipelines/distill', 'packaging/python'];
    const { code, output } = await run(python, ['-m', 'pytest', '-q', '-rs', ...tests]);
    const last = output.trimEnd().split('\n').at(-1);
    const count = (what) => Number(new RegExp(`(\\d+) ${what}`).exec(last)?.[1] ?? 0);
    return result(code, [count('passed'), count('failed') + count('error'), count('skipped')]);
  },
};
const titles = { cpp: 'C++', ts: 'TypeScript', py: 'Python' };

/** Runs a command, shows what it prints, and returns that with its exit code. */
function run(command, args) {
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

/** A runner that counts nothing has failed, whatever it says. */
function result(code, counts = [0, 0, 0]) {
  const [passed, failed, skipped] = counts.map(Number);
  return { broken: code !== 0 || passed === 0, passed, failed, skipped };
}

const chosen = Object.keys(parts).filter((name) => only === undefined || only === name);
if (chosen.includes('py')) {
  const { preparePython } = await import('./python-env.js');
  preparePython(); // first of all, since it fetches much
}
const results = [];
for (const [k, name] of chosen.entries()) {
  console.log(`\n== ${titles[name]} (part ${k + 1} of ${chosen.length})`);
  results.push(await parts[name]());
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
const broken = results.some((result) => result.broken);
const skippedInCi = process.env.CI !== undefined && sum('skipped') > 0;
if (skippedInCi) console.log('\nIn CI nothing may be skipped: see above what was.');
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
process.exit(broken || sum('failed') > 0 || skippedInCi ? 1 : 0);
