import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { NucleusTable } from '../../src/table/read.js';
import { writeEmptySlide } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';
import { writeSlide, type PixelSource } from '../../testkit/slides.js';
import { stubColor, stubGround, stubModel } from '../../testkit/stub.js';

const scratch = scratchFolder();
const sample = join(packageRoot, 'samples', 'CMU-1-Small-Region.svs');
const slide = join(scratch, 'discs.tif');

function hoverslide(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(packageRoot, 'bin', 'hoverslide.cjs'), ...args],
    {
      encoding: 'utf8',
    },
  );
  return { status, stdout, stderr };
}

/** A run with the stub model on all of the slide. */
function run(path: string, ...args: string[]) {
  return hoverslide('run', path, '--model', stubModel, '--no-tissue-mask', '--provider', 'cpu', ...args);
}

/** Ground for the stub, with discs (x, y, radius, class). */
function discs(...list: [number, number, number, number][]): PixelSource {
  return (x0, y0, width, height) => {
    const pixels = new Uint8Array(width * height * 3);
    for (let k = 0; k < width * height; k++) {
      const [x, y] = [x0 + (k % width) + 0.5, y0 + Math.floor(k / width) + 0.5];
      const disc = list.find(([cx, cy, radius]) => Math.hypot(x - cx, y - cy) < radius);
      pixels.set(disc ? stubColor(disc[3]) : stubGround, 3 * k);
    }
    return pixels;
  };
}

beforeAll(async () => {
  const pixels = discs([100.5, 120.5, 12, 2], [192, 192, 15, 1]);
  await writeSlide(slide, { width: 300, height: 300, pixels, mpp: 0.25 });
});

describe('hoverslide run', () => {
  test('writes a slide’s table and companions, and nothing else', async () => {
    const out = join(scratch, 'plain');
    const { status, stderr } = run(slide, '-o', out, '--format', 'parquet,csv,geojson');
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(join(out, 'discs')).sort(), [
      'nuclei.csv',
      'nuclei.geojson.gz',
      'nuclei.jpg',
      'nuclei.overlay',
      'nuclei.parquet',
      'overview.png',
      'run.json',
      'states',
      'summary.json',
      'thumbnail.jpg',
      'tissue.geojson',
    ]);
    const table = await NucleusTable.open(join(out, 'discs', 'nuclei.parquet'));
    assert.equal(table.rowCount, 2);
    const summary = JSON.parse(readFileSync(join(out, 'discs', 'summary.json'), 'utf8')) as { count: number };
    assert.equal(summary.count, 2);
  });

  test('two runs differ in run.json alone', () => {
    const [a, b] = ['a', 'b'].map((name) => join(scratch, name)) as [string, string];
    assert.equal(run(slide, '-o', a, '--read-block', '1', '--workers', '1').status, 0);
    assert.equal(run(slide, '-o', b).status, 0);
    for (const file of readdirSync(join(a, 'discs')).filter((name) => name !== 'states')) {
      const same = readFileSync(join(a, 'discs', file)).equals(readFileSync(join(b, 'discs', file)));
      assert.equal(same, file !== 'run.json', file);
    }
  });

  test('--json prints one line per slide', () => {
    const { status, stdout } = run(slide, '-o', join(scratch, 'json'), '--json');
    assert.equal(status, 0);
    const record = JSON.parse(stdout) as { slide: string; state: string; summary: { count: number } };
    assert.equal(record.slide, 'discs');
    assert.equal(record.state, 'done');
    assert.equal(record.summary.count, 2);
  });

  test('a slide that fails is reported and the others go on', () => {
    const [out, broken] = [join(scratch, 'partial'), join(scratch, 'broken.svs')];
    writeFileSync(broken, 'no slide');
    const { status, stderr } = hoverslide(
      ...['run', broken, slide, '-o', out],
      ...['--model', stubModel, '--no-tissue-mask', '--provider', 'cpu'],
    );
    assert.equal(status, 1);
    assert.match(stderr, /broken\.svs: expected a slide/);
    assert.ok(existsSync(join(out, 'discs', 'nuclei.parquet')));
  });
});

describe('bad input: one clear line, a code of its own, no stack trace', () => {
  const out = join(scratch, 'bad');
  const file = (name: string, content: string | Buffer) => {
    const path = join(scratch, name);
    writeFileSync(path, content);
    return path;
  };

  function refused(result: ReturnType<typeof hoverslide>, status: number, line: RegExp) {
    assert.equal(result.status, status, result.stderr);
    assert.match(result.stderr, line);
    assert.doesNotMatch(result.stderr, /^\s+at /m, 'a stack trace');
  }

  test('not there', () => refused(run(join(scratch, 'no.svs'), '-o', out), 66, /no\.svs: no such file/));
  test('not a slide', () => refused(run(file('text.svs', 'hello'), '-o', out), 65, /text\.svs/));
  test('a folder', () => {
    mkdirSync(join(scratch, 'folder.svs'));
    refused(run(join(scratch, 'folder.svs'), '-o', out), 65, /folder\.svs/);
  });
  test('a truncated slide', () => {
    const path = join(scratch, 'cut.svs');
    copyFileSync(sample, path);
    truncateSync(path, 1_000_000);
    refused(run(path, '-o', out), 65, /cut\.svs/);
  });
  test('no pixel size', async () => {
    const path = join(scratch, 'nompp.png');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
      .png()
      .toFile(path);
    refused(run(path, '-o', out), 67, /nompp\.png.*--mpp/);
  });
  test('an absurd pixel size', async () => {
    const path = join(scratch, '72dpi.tif');
    await sharp({ create: { width: 64, height: 64, channels: 3, background: 'white' } })
      .tiff({ xres: 2.83465, yres: 2.83465 })
      .toFile(path);
    refused(run(path, '-o', out), 67, /352\.8/);
  });
  test('pixels larger than the model takes, unless --force-mpp says so', async () => {
    const path = join(scratch, 'coarse.tif');
    await writeSlide(path, { width: 300, height: 300, pixels: discs(), mpp: 2 });
    refused(run(path, '-o', out), 67, /2 um/);
    refused(run(path, '-o', out, '--mpp', '0.25'), 67, /--mpp says 0\.25 um\/px, the slide 2 .*--force-mpp/);
    const taken = run(path, '-o', out, '--force-mpp');
    assert.equal(taken.status, 0, taken.stderr);
    assert.match(taken.stderr, /smaller than any the model saw/);
  });
  test('a region beside the slide, and one without tissue: a failure, not an empty result', async () => {
    const glass = join(scratch, 'glass.tif');
    await writeEmptySlide(glass);
    const region = (path: string, numbers: string) =>
      hoverslide('run', path, '-o', out, '--model', stubModel, '--provider', 'cpu', '--roi', numbers);
    refused(region(slide, '90000,0,50,50'), 65, /discs\.tif: --roi: expected a region on the slide/);
    refused(region(glass, '1,1,99,99'), 65, /glass\.tif: --roi: expected tissue in the region, found none/);
  });
  test('an option of before, with its name of today', () =>
    refused(run(slide, '-o', out, '--cell', '4'), 64, /--cell.*called --read-block now/));
  test('an unknown option', () =>
    refused(run(slide, '-o', out, '--tiles', '3'), 64, /unknown option '--tiles'/));
  test('an unknown format', () => refused(run(slide, '-o', out, '--format', 'xlsx'), 64, /xlsx/));
  test('a read block that is no power of two', () =>
    refused(run(slide, '-o', out, '--read-block', '6'), 64, /--read-block/));
  test('a model that is none', () => {
    const model = file('model.onnx', 'hello');
    refused(hoverslide('run', slide, '-o', out, '--model', model), 68, /model\.onnx: expected an ONNX model/);
  });
  test('an output that cannot be made', () => {
    const taken = file('taken', '');
    refused(run(slide, '-o', taken), 73, /cannot write .*taken/);
  });
  test('a disk without space', () => {
    // Files may not grow beyond 1 KiB: the table fails as it would on a full disk.
    const command = ['run', slide, '-o', join(scratch, 'full'), '--model', stubModel, '--no-tissue-mask'];
    const node = [
      process.execPath,
      join(packageRoot, 'bin', 'hoverslide.cjs'),
      ...command,
      '--provider',
      'cpu',
    ];
    const { status, stdout, stderr } = spawnSync(
      'bash',
      ['-c', 'trap "" XFSZ; ulimit -f 1; exec "$@"', '-', ...node],
      {
        encoding: 'utf8',
      },
    );
    refused({ status, stdout, stderr }, 73, /cannot write/);
    assert.deepEqual(
      readdirSync(join(scratch, 'full', 'discs')).filter((name) => name.startsWith('nuclei')),
      [],
    );
  });
});

test('hoverslide doctor says what is found', () => {
  const { status, stdout } = hoverslide('doctor');
  assert.equal(status, 0, stdout);
  assert.match(stdout, /OpenSlide +\d/);
  assert.match(stdout, /cpu +works\n +runs in \d+ sessions? of /);
  assert.match(stdout, /Zstandard +works/);
});

describe('hoverslide doctor SLIDE', () => {
  const model = ['--model', stubModel];

  test('says all that is known of a slide, every pixel size among it, and what a run would do', () => {
    const { status, stdout } = hoverslide('doctor', sample, ...model);
    assert.equal(status, 0, stdout);
    for (const line of [
      /^slide +CMU-1-Small-Region$/m,
      /^files +1\.9 MB: .*CMU-1-Small-Region\.svs$/m,
      /^format +aperio, read by OpenSlide \d/m,
      /^level 0 +2220 x 2967 px, 1 px is 1 of level 0$/m,
      /^pixel size +--mpp: not given$/m,
      /^ +OpenSlide: 0\.499 x 0\.499 um: counts, the first that is plausible$/m,
      /^ +objective power: 0\.5 um$/m,
      /^page 3 +387 x 463 px, RGB, 3 channels of 8 bits, compression LZW, in strips, upright, a smaller version$/m,
      /^notice +up-sampled from 0\.499/m,
      /^tissue +0\.6\d+ mm2$/m,
      /^patches +375 of 744$/m,
      /^memory +about 0\.\d GB, estimated$/m,
    ]) {
      assert.match(stdout, line);
    }
    assert.match(
      hoverslide('doctor', sample, '--mpp', '0.5', ...model).stdout,
      /--mpp: 0\.5 um: counts, as given/,
    );
  });

  test('says it of one that is refused too, and why, with the exit code of a run', async () => {
    const path = join(scratch, 'unsized.tif');
    await sharp({ create: { width: 64, height: 48, channels: 3, background: 'white' } })
      .tiff({ xres: 2.83465, yres: 2.83465, compression: 'lzw' })
      .toFile(path);
    const unsized = hoverslide('doctor', path, ...model);
    assert.equal(unsized.status, 67);
    assert.match(unsized.stdout, /^page 1 +64 x 48 px, RGB, 3 channels of 8 bits, compression LZW/m);
    assert.match(unsized.stdout, /resolution tags: 352\.78 x 352\.78 um: implausible$/m);
    assert.match(unsized.stdout, /^refused +its pixel size is not known .*--mpp$/m);
    const missing = hoverslide('doctor', join(scratch, 'none.svs'), ...model);
    assert.equal(missing.status, 66);
    assert.match(missing.stdout, /^refused +no such file$/m);
  });
});

test('the demo shows how many nuclei of each class, typical rows, and what the model cannot do', () => {
  const demo = (...args: string[]) => {
    const { status, stdout, stderr } = hoverslide(
      'demo',
      '-o',
      join(scratch, 'demo'),
      '--provider',
      'cpu',
      ...args,
    );
    assert.equal(status, 0, stderr);
    const rows = stdout.matchAll(/│ ([a-z]+) +│ (\d+) +│ [\d.]+ +│$/gm);
    return { stdout, counts: new Map([...rows].map(([, name, count]) => [name, Number(count)])) };
  };
  const { counts: other } = demo('--model', 'hoverslide-b0');
  const stroma = other.get('inflammatory')! + other.get('connective')!;
  assert.ok(stroma > 300);
  assert.ok(other.get('neoplastic')! < stroma / 2, 'there is no tumour');
  const { stdout, counts } = demo();
  assert.ok(counts.get('connective')! > 200, 'it is connective tissue');
  assert.ok([...counts.values()].reduce((sum, count) => sum + count) > 400);
  // A row for each class: its nucleus of median area, no debris.
  const areas = [...stdout.matchAll(/│ '(?:inflammatory|connective)' .*│ ([\d.]+) +│ [\d.]+ +│$/gm)].map(
    ([, area]) => Number(area),
  );
  assert.ok(areas.length === 2 && areas.every((area) => area > 8 && area < 60), areas.join());
  assert.match(stdout, /^limits of hoverslide-lite0 .*dead.*For research use only\.$/m);
  for (const [, file] of stdout.matchAll(/^(?:table|picture|nuclei): +(\S+)$/gm))
    assert.ok(existsSync(file!));
});
