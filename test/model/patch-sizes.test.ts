import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, it } from 'vitest';
import { openModel } from '../../src/model/model.js';
import { largeShapes } from '../../testkit/adversaries.js';
import { scratchFolder } from '../../testkit/folder.js';
import { onnxFile } from '../../testkit/onnx.js';
import { readTable, runProduct } from '../../testkit/product.js';
import { stubModel } from '../../testkit/stub.js';

const folder = scratchFolder();

/** Writes the stub net with other sizes of patch and kept square; stub_model.py says what it does. */
async function stubOf(patch: number, stride: number): Promise<string> {
  const { card } = await openModel(stubModel);
  const margin = (patch - stride) / 2;
  const bytes = Array.from({ length: 256 }, (_, red) => 255 - red);
  const numbers = (name: string, values: number[]) =>
    ({ name, type: 'int64', shape: [values.length], values }) as const;
  const path = join(folder, `stub-${patch}-${stride}.onnx`);
  const file = onnxFile({
    inputs: [{ name: 'image', type: 'uint8', shape: ['n', patch, patch, 3] }],
    outputs: [{ name: 'maps', type: 'uint8', shape: ['n', stride, stride, 4] }],
    nodes: [
      { type: 'Slice', inputs: ['image', 'from', 'to', 'plane'], output: 'kept' },
      { type: 'Slice', inputs: ['kept', 'zero', 'one', 'channel'], output: 'red' },
      { type: 'Slice', inputs: ['kept', 'one', 'three', 'channel'], output: 'hv' },
      { type: 'Cast', inputs: ['red'], output: 'index', integers: { to: 7 } },
      { type: 'Gather', inputs: ['np_of_red', 'index'], output: 'wide_np' },
      { type: 'Gather', inputs: ['class_of_red', 'index'], output: 'wide_class' },
      { type: 'Cast', inputs: ['wide_np'], output: 'np', integers: { to: 2 } },
      { type: 'Cast', inputs: ['wide_class'], output: 'class', integers: { to: 2 } },
      { type: 'Concat', inputs: ['np', 'hv', 'class'], output: 'maps', integers: { axis: 3 } },
    ],
    constants: [
      numbers('from', [margin, margin]),
      numbers('to', [margin + stride, margin + stride]),
      numbers('plane', [1, 2]),
      numbers('zero', [0]),
      numbers('one', [1]),
      numbers('three', [3]),
      numbers('channel', [3]),
      numbers('np_of_red', bytes),
      numbers(
        'class_of_red',
        bytes.map((np) => Math.min((np >> 4) & 7, 5)),
      ),
    ],
    metadata: { 'hoverslide.card': JSON.stringify({ ...card, patch, stride }) },
  });
  writeFileSync(path, file);
  return path;
}

describe('a net of another patch size', () => {
  const slide = join(folder, 'shapes.tif');
  let expected: string[];

  const rowsOf = async (model: string) => {
    const { result } = await runProduct(slide, join(folder, 'out'), { model, batch: undefined });
    const names = ['id', 'area_um2', 'class', 'hematoxylin_od_mean', 'perimeter_um'] as const;
    const rows = (await readTable(result.folder, names)).flatMap((group) =>
      Array.from(group.id, (_, k) => names.map((name) => group[name][k]).join()),
    );
    return rows.sort();
  };

  beforeAll(async () => {
    await largeShapes().write(slide);
    expected = await rowsOf(stubModel);
    assert.ok(expected.length > 500, `only ${expected.length} nuclei`);
  });

  for (const [patch, stride] of [
    [1024, 1024],
    [1024, 958],
    [270, 80],
  ] as const) {
    it(`gives the same nuclei: sees ${patch} px, keeps ${stride}`, async () => {
      assert.deepEqual(await rowsOf(await stubOf(patch, stride)), expected);
    });
  }

  it('is refused when it is opened if a patch is larger than that', async () => {
    await assert.rejects(openModel(await stubOf(1026, 1024)), /'patch': .*1024/);
  });
});
