// Limits of the shell, readers that go away, disks without links: what jobs on clusters meet.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { writeTinySlide } from '../../testkit/cohort-slides.js';
import { stubModel } from '../../testkit/stub.js';

const scratch = mkdtempSync(join(tmpdir(), 'hoverslide-surroundings-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const slides = ['a', 'b', 'c'].map((name) => join(scratch, 'slides', `${name}.tif`));
beforeAll(async () => {
  mkdirSync(join(scratch, 'slides'));
  for (const [seed, slide] of slides.entries()) await writeTinySlide(slide, seed);
});

/** Runs a line of bash in which `hoverslide` is the command under test. */
function bash(line: string, cwd = scratch) {
  const node = `${process.execPath} ${join(packageRoot, 'bin', 'hoverslide.cjs')}`;
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', `hoverslide() { ${node} "$@"; }; set -o pipefail; ${line}`],
    { cwd, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

const run = `hoverslide run slides --model ${stubModel} --no-tissue-mask --provider cpu --threads 1 --workers 1`;
const states = (out: string) =>
  (JSON.parse(bash(`hoverslide status ${out} --json`).stdout) as { counts: Record<string, number> }).counts;

describe('a reader that goes away does not end the night', () => {
  for (const [name, end] of [
    ['of results on stdout', '--json | head -1'],
    ['of messages on stderr', '2>&1 | head -1'],
  ] as const) {
    test(name, () => {
      const out = name.replaceAll(' ', '-');
      const { status, stderr } = bash(`${run} -o ${out} ${end}`);
      assert.equal(status, 0, stderr);
      assert.equal(states(out)['done'], 3);
    });
  }
  test('nor does a log on a full disk', () => {
    assert.equal(bash(`${run} -o full 2>/dev/full`).status, 0);
    assert.equal(states('full')['done'], 3);
  });
});

describe('limits', () => {
  test('of the address space: the same table', () => {
    assert.equal(bash(`${run} -o plain`).status, 0);
    const { status, stderr } = bash(`ulimit -v 8000000; ${run} -o limited`);
    assert.equal(status, 0, stderr);
    const table = (out: string) => readFileSync(join(scratch, out, 'a', 'nuclei.parquet'));
    assert.deepEqual(table('limited'), table('plain'));
  });
  test('of the address space: doctor tries what runs need, as they have it', () => {
    const { status, stdout } = bash(`ulimit -v 8000000; hoverslide doctor --model ${stubModel}`);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^Zstandard +works$/m);
  });
  test('of the address space, far too low: one line', () => {
    const { status, stderr } = bash(`ulimit -v 1000000; ${run} -o low`);
    assert.notEqual(status, 0);
    assert.doesNotMatch(stderr, /^\s+at /m);
  });
  test('of open files: one line that says what helps', () => {
    const { status, stderr } = bash(`ulimit -n 64; ${run} -o few`);
    assert.equal(status, 69);
    assert.match(stderr, /^hoverslide: cannot start: .*ulimit -n.*\n$/);
  });
});

test('a working folder that has been deleted is named', () => {
  const { status, stderr } = bash('mkdir gone; cd gone; rmdir ../gone; hoverslide run x.svs -o out');
  assert.equal(status, 66);
  assert.equal(stderr, 'hoverslide: the working folder has been deleted: change to one that is there\n');
});

test('a file system without hard links: several runs still share the slides', () => {
  const source = join(scratch, 'nolink.c');
  writeFileSync(
    source,
    '#include <errno.h>\nint link(const char *a, const char *b) { errno = EPERM; return -1; }\n',
  );
  execFileSync('cc', ['-shared', '-fPIC', '-o', join(scratch, 'nolink.so'), source]);
  const shared = `LD_PRELOAD=./nolink.so ${run} -o unlinked`;
  const { status, stderr } = bash(`${shared} & one=$!; ${shared} & two=$!; wait $one && wait $two`);
  assert.equal(status, 0, stderr);
  assert.equal(states('unlinked')['done'], 3);
  for (const id of ['a', 'b', 'c']) {
    assert.deepEqual(readdirSync(join(scratch, 'unlinked', id, 'states')), [
      '0001.json',
      '0002.json',
      '0003.json',
    ]);
  }
});
