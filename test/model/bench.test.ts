import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { writeBrokenSlide } from '../../testkit/cohort-slides.js';
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

it('hoverslide bench --plan says what a cohort will take, slide by slide and on several machines', async () => {
  const folder = scratchFolder();
  const pixels = fromFunction((x, y) => stubColor(1 + ((x + y) % 2)));
  const sizes = { a: [960, 960], b: [960, 576], c: [576, 576] } as const; // 25, 15 and 9 patches of 192 px
  for (const [name, [width, height]] of Object.entries(sizes)) {
    await writeSlide(join(folder, `${name}.tif`), { width, height, mpp: 0.25, pixels });
  }
  await writeBrokenSlide(join(folder, 'd.tif'));
  const program = join(packageRoot, 'bin', 'hoverslide.cjs');
  const flags = ['--model', stubModel, '--provider', 'cpu', '--seconds', '1', '--nodes', '2', '--json'];
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [program, 'bench', '--plan', folder, ...flags],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  const plan = JSON.parse(stdout) as {
    slides: { slide: string; patches: number; tissue_mm2: number; hours: number; problem?: string }[];
    patches_per_second: Record<string, number>;
    hours: number;
    hours_on_nodes: number;
  };
  assert.deepEqual(
    plan.slides.map(({ slide, patches }) => [slide, patches]),
    [
      ['a', 25],
      ['b', 15],
      ['c', 9],
      ['d', 0],
    ],
  );
  assert.match(plan.slides[3]!.problem!, /d\.tif: /);
  const of = (patches: number) => patches / plan.patches_per_second['stub']! / 3600;
  assert.ok(Math.abs(plan.hours / of(49) - 1) < 0.01);
  assert.ok(plan.hours_on_nodes < plan.hours);
});
