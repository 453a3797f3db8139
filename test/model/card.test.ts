import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { HoverslideError } from '../../src/errors.js';
import { openModel } from '../../src/model/model.js';
import { scratchFolder } from '../../testkit/folder.js';
import { tinyCard, tinyNet, writeTinyNet } from './tiny-net.js';

describe("a model's card", () => {
  const path = join(scratchFolder(), 'net.onnx');
  const withCard = (card: unknown) =>
    writeTinyNet(path, {
      metadata: { 'hoverslide.card': typeof card === 'string' ? card : JSON.stringify(card) },
    });
  const refused = (pattern: RegExp) =>
    assert.rejects(openModel(path), (error) => {
      assert.ok(error instanceof HoverslideError);
      assert.equal(error.kind, 'model');
      assert.ok(error.message.startsWith(path), `names the file: ${error.message}`);
      assert.match(error.message, pattern);
      assert.ok(!error.message.includes('\n'));
      return true;
    });

  it('is read from the ONNX file, whose hash names the model', async () => {
    const model = await openModel(writeTinyNet(path));
    assert.deepEqual(model.card, tinyCard);
    assert.match(model.hash, /^[0-9a-f]{64}$/);
    withCard({ ...tinyCard, version: '2' });
    assert.notEqual((await openModel(path)).hash, model.hash);
  });

  it('must be there', async () => {
    writeTinyNet(path, { metadata: { other: 'entry' } });
    await refused(/expected a model card .*'hoverslide\.card', found none/);
  });

  it('must be JSON', async () => {
    withCard('name: tiny');
    await refused(/expected the model card to be JSON, found 'name: tiny'/);
  });

  const wrong: [string, object, RegExp][] = [
    ['a name', { name: '' }, /'name'/],
    ['a pixel size over 0', { mpp: 0 }, /'mpp'/],
    ['a range of pixel sizes that ascends', { mpp_range: [1, 0.1] }, /'mpp_range'.*expected \[low, high\]/],
    ['whole patches', { patch: 33.5 }, /'patch'/],
    ['a stride within the patch', { stride: 36 }, /expected a stride at most the patch \(34\).*found 36/],
    ['an even margin', { stride: 31 }, /even margin, found 31/],
    [
      'classes in the order of their ids',
      { classes: [tinyCard.classes[1], tinyCard.classes[0]] },
      /ids 0, 1, 2/,
    ],
    ['two classes at least', { classes: [tinyCard.classes[0]] }, /'classes'/],
    ['colours of bytes', { classes: [{ id: 0, name: 'a', color: [0, 0, 256] }] }, /'classes\.0\.color\.2'/],
    ['ranges of the gradients', { seamless: { h: [0, 1] } }, /'seamless\.v'/],
    [
      'a class 0 for nuclei of no class',
      { classes: [{ ...tinyCard.classes[0], learned: false }, tinyCard.classes[1]] },
      /class 0/,
    ],
    [
      'bounds of quality within what they measure',
      { quality: { probability: 75 } },
      /'quality\.probability'/,
    ],
    ['a licence', { licence: undefined }, /'licence'/],
  ];
  for (const [what, change, message] of wrong) {
    it(`must have ${what}`, async () => {
      withCard({ ...tinyCard, ...change });
      await refused(message);
    });
  }

  it('is not looked for in a file that is no ONNX model, or not all of one', async () => {
    writeFileSync(path, '<html>404 Not Found</html>');
    await refused(/expected an ONNX model|expected a model card/);
    writeTinyNet(path);
    truncateSync(path, 900);
    await refused(/expected an ONNX model, found something else or a truncated file/);
  });

  it('needs the weights in the same file, which is what the hash is of', async () => {
    const [weights, ...others] = tinyNet.constants;
    writeTinyNet(path, { constants: [...others, { ...weights!, file: 'net.onnx.data' }] });
    await refused(/expected the weights in the same file, found them in 'net\.onnx\.data'/);
  });

  it('needs a file that can be read', async () => {
    const missing = join(path, 'absent.onnx');
    await assert.rejects(openModel(missing), (error) => {
      assert.ok(error instanceof HoverslideError && error.kind === 'missing');
      assert.ok(error.message.startsWith(`${missing}: cannot read the model`));
      return true;
    });
  });
});
