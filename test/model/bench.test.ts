import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { fromFunction, writeSlide } from '../../testkit/slides.js';
import { stubColor, stubModel } from '../../testkit/stub.js';

it('hoverslide bench measures the bare net, and a whole slide with the fastest provider', async () => {
  const slide = join(scratchFolder(), 'slide.tif');
  const pixels = fromFunction((x, y) => stubColor(1 + ((x + y) % 2)));
  await writeSlide(slide, { width: 800, height: 600, mpp: 0.25, pixels });
  const program = join(packageRoot, 'bin', 'hoverslide.cjs');
  const flags = [
    '--model',
    stubModel,
    '--slide',
    slide,
    '--provider',
    'cpu',
    '--seconds',
    '1',
    '--batches',
    '2,4',
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'bench', ...flags, '--json'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const { nets, whole, slides_per_night } = JSON.parse(stdout) as {
    nets: { batch: number; provider: string; patchesPerSecond: number }[];
    whole: { patches: number; deviceBusy: number; seconds: Record<string, number>; patchesPerSecond: number };
    slides_per_night: number;
  };
  assert.deepEqual(
    nets.map(({ batch, provider }) => [batch, provider]),
    [
      [2, 'cpu'],
      [4, 'cpu'],
    ],
  );
  assert.ok(nets.every(({ patchesPerSecond }) => patchesPerSecond > 0));
  assert.equal(whole.patches, 20); // 5 x 4 patches of 192 px cover 800 x 600
  assert.ok(whole.deviceBusy > 0 && whole.deviceBusy < 1);
  assert.ok(whole.seconds['net']! > 0 && whole.seconds['net']! < whole.seconds['wall']!);
  // 100 mm2 are 100e6 / 48^2 patches of 192 px at 0.25 um; a night is 43,200 s
  const night = Math.floor((43200 * whole.patchesPerSecond) / (100e6 / 48 ** 2));
  assert.equal(slides_per_night, night);
});
