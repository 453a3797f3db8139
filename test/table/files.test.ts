import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { AtomicFile, makeFolder, writeAtomically } from '../../src/files.js';
import { withoutRoot } from '../../testkit/nobody.js';
import { fillDisk, temporaryFolder } from './temporary.js';

test('a file appears under its name only when it is committed', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.txt');
  const file = await AtomicFile.open(path);
  await file.write(Buffer.from('one '));
  await file.write(Buffer.from('two'));
  assert.ok(!(await readdir(folder)).includes('a.txt'));
  await file.commit();
  assert.deepEqual(await readdir(folder), ['a.txt']);
  assert.equal(await readFile(path, 'utf8'), 'one two');
});

test('discarding leaves what was there before, and nothing else', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.txt');
  await writeAtomically(path, 'before');
  const file = await AtomicFile.open(path);
  await file.write(Buffer.from('after'));
  await file.discard();
  assert.deepEqual(await readdir(folder), ['a.txt']);
  assert.equal(await readFile(path, 'utf8'), 'before');
});

test('what a killed run left behind is overwritten', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.txt');
  const killed = await AtomicFile.open(path);
  onTestFinished(() => killed.discard());
  await killed.write(Buffer.from('a long text that was never finished'));
  await writeAtomically(path, 'short');
  assert.equal(await readFile(path, 'utf8'), 'short');
  assert.deepEqual(await readdir(folder), ['a.txt']);
});

test('a full disk is an output error that names the file, and leaves nothing', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'a.txt');
  await fillDisk(path);
  await assert.rejects(writeAtomically(path, 'text'), {
    name: 'HoverslideError',
    kind: 'output',
    message: `cannot write ${path}: no space left on the device`,
  });
  assert.deepEqual(await readdir(folder), []);
});

test('a folder that is missing, or is a file', async () => {
  const folder = await temporaryFolder();
  await assert.rejects(writeAtomically(join(folder, 'missing', 'a.txt'), ''), {
    kind: 'output',
    message: /cannot write .*missing\/a\.txt: the folder does not exist/,
  });
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(writeAtomically(join(folder, 'file', 'a.txt'), ''), {
    kind: 'output',
    message: /its folder is a file/,
  });
});

test('a folder without permission', async () => {
  const folder = await temporaryFolder();
  await chmod(folder, 0o555);
  await withoutRoot(() =>
    assert.rejects(writeAtomically(join(folder, 'a.txt'), ''), {
      kind: 'output',
      message: /may not be written/,
    }),
  );
});

test('a name that is taken by a folder', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'a.txt'));
  await assert.rejects(writeAtomically(join(folder, 'a.txt'), ''), {
    kind: 'output',
    message: /it is a folder/,
  });
  assert.deepEqual(await readdir(folder), ['a.txt']);
});

test('folders are made with those above them, or refused, but never waited for', async () => {
  const folder = await temporaryFolder();
  await makeFolder(join(folder, 'a', 'b', 'c'));
  await makeFolder(join(folder, 'a', 'b'));
  assert.deepEqual(await readdir(join(folder, 'a', 'b')), ['c']);
  await writeFile(join(folder, 'file'), '');
  await assert.rejects(makeFolder(join(folder, 'file')), { kind: 'output', message: /a file of that name/ });
  await assert.rejects(makeFolder('/proc/hoverslide'), { kind: 'output' });
});
