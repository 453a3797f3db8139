import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { borderNuclei } from '../../testkit/adversaries.js';
import { scratchFolder } from '../../testkit/folder.js';
import { assertSameBytes, fixedBytes, runProduct, stopProduct } from '../../testkit/product.js';

const folder = scratchFolder();
const slide = join(folder, 'slide.tif');
const rows = 'rows';
const state = 'state';

/** Changes a file of the journal. */
type Damage = (path: string) => Promise<void>;

const cutTo =
  (share: number): Damage =>
  async (path) =>
    truncate(path, Math.floor((await readFile(path)).length * share));

const flip =
  (share: number): Damage =>
  async (path) => {
    const bytes = await readFile(path);
    const at = Math.floor(bytes.length * share);
    bytes[at]! ^= 1 << (at % 8);
    await writeFile(path, bytes);
  };

/** Rows that one could not read as a whole record, and states that one could not trust. */
const damages: [what: string, file: string, damage: Damage][] = [
  ['rows cut short', rows, cutTo(0.6)],
  ['rows emptied', rows, cutTo(0)],
  ['rows removed', rows, rm],
  ['a bit of the first length', rows, flip(0)],
  ['a bit in the middle of the rows', rows, flip(0.5)],
  ['the last bit of the rows', rows, flip(0.999999)],
  ['the state cut short', state, cutTo(0.5)],
  ['the state emptied', state, cutTo(0)],
  ['a bit of the state', state, flip(0.3)],
  ["a bit of the state's checksum", state, flip(0.999)],
];

describe('a journal', () => {
  let expected: Buffer[];
  const stopped = join(folder, 'stopped');

  beforeAll(async () => {
    await borderNuclei().canvas.write(slide);
    const { result } = await runProduct(slide, join(folder, 'whole'));
    expected = await fixedBytes(result.folder);
    await stopProduct(slide, stopped, { readBlock: 2, stopAt: 100 });
    await assert.doesNotReject(readFile(journalFile(stopped, state)));
  });

  /** Goes on from a changed copy of the stopped run. */
  async function goOn(name: string, change: (out: string) => Promise<void>): Promise<string> {
    const out = join(folder, name);
    await cp(stopped, out, { recursive: true });
    await change(out);
    const { result, notices } = await runProduct(slide, out);
    await assertSameBytes(result.folder, expected, name);
    await assert.rejects(readFile(journalFile(out, rows)), { code: 'ENOENT' });
    return notices.join('\n');
  }

  for (const [what, file, damage] of damages) {
    it(`that is damaged is redone, with a notice: ${what}`, async () => {
      const notices = await goOn(what, (out) => damage(journalFile(out, file)));
      assert.match(notices, /starting anew, since the journal is damaged/);
      assert.doesNotMatch(notices, /going on/);
    });
  }

  it('that was torn behind the last checkpoint goes on from there', async () => {
    const notices = await goOn('torn', async (out) => {
      const path = journalFile(out, rows);
      await writeFile(path, Buffer.concat([await readFile(path), Buffer.from('half of a record')]));
    });
    assert.match(notices, /going on at patch 1\d\d/);
    assert.doesNotMatch(notices, /anew/);
  });

  it('without a state is begun anew', async () => {
    assert.doesNotMatch(await goOn('no state', (out) => rm(journalFile(out, state))), /going on/);
  });

  it('of another batch size is redone, with a notice', async () => {
    const out = join(folder, 'other batch');
    await cp(stopped, out, { recursive: true });
    const { notices } = await runProduct(slide, out, { batch: 8 });
    assert.match(notices.join(), /starting anew, since the slide, the model or the options/);
  });

  it('from a net that gave other maps is redone, with a notice', async () => {
    const notices = await goOn('other maps', (out) =>
      rewriteStitcher(journalFile(out, state), (saved) => {
        for (let k = saved.length - 400; k < saved.length; k++) saved[k]! ^= 255; // checksums of held tiles are there
      }),
    );
    assert.match(notices, /starting anew, since the journal does not fit/);
  });

  it('of a stitcher that makes no sense is redone, with a notice', async () => {
    const notices = await goOn('no stitcher', (out) =>
      rewriteStitcher(journalFile(out, state), (saved) => saved.fill(0)),
    );
    assert.match(notices, /starting anew, since the journal does not fit/);
  });
});

function journalFile(out: string, name: string): string {
  return join(out, 'slide', 'journal', name);
}

/** Changes the stitcher's state and signs it anew, as a run on another kind of machine would have left it. */
async function rewriteStitcher(path: string, change: (saved: Buffer) => void): Promise<void> {
  const [json] = (await readFile(path, 'utf8')).split('\n');
  const content = JSON.parse(json!) as { stitcher: string };
  const saved = Buffer.from(content.stitcher, 'base64');
  change(saved);
  const text = JSON.stringify({ ...content, stitcher: saved.toString('base64') });
  await writeFile(path, `${text}\n${createHash('sha256').update(text).digest('hex')}\n`);
}
