import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, it } from 'vitest';
import { runCommand, type SlideLine } from '../../testkit/command.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { shared } from '../../testkit/shared.js';
import { stubModel } from '../../testkit/stub.js';

// Inputs that users of other tools reported, through the command: each is read right or fails with its reason.

const scratch = scratchFolder();
const { path: cases, missing } = shared('cases');
let runs = 0;
const out = () => join(scratch, `out-${++runs}`);

async function runOne(...args: string[]): Promise<SlideLine> {
  const { slides, stderr } = await runCommand(...args);
  assert.equal(slides.length, 1, stderr);
  return slides[0]!;
}

/** Returns the number of all nuclei, also of those that are set aside. */
function found({ count, set_aside }: SlideLine['summary']): number {
  return count + set_aside.faint + set_aside.odd;
}

/** The net by which nuclei were counted: what is asked is how images are read. */
const counted = ['--model', 'hoverslide-b0'];

describe('images that would be read as something lesser', needs(missing), () => {
  for (const [file, code, message, ...options] of [
    [
      'anisotropic-plain/strip_aniso_y.tif',
      67,
      /expected square pixels.*0\.499 x 0\.2495 um.*(--|option )mpp/,
    ],
    ['bit-depth/tile16_12bit.tif', 65, /expected 8 bits.*found 16 of which about 12 are used.*0\.0625/],
    ['bit-depth/float_0_to_255.tif', 65, /found floating-point samples of 32 bits/],
    ['tiff-orientation/tile_orient3.tif', 65, /expected an upright picture.*tag 3/],
    [
      'dicom/hd_sm_image_jpegls.dcm',
      65,
      /found JPEG-LS lossless \(transfer syntax 1\.2\.840\.10008\.1\.2\.4\.80\)/,
    ],
    ['mrxs-thumbnail/case7.mrxs', 66, /its folder case7\/ is not there/],
    ['mrxs-thumbnail/case7.mrxs', 66, /its folder case7\/ is not there/, '--mpp', '0.25'],
  ] as const) {
    it(`${[file, ...options].join(' ')} fails with the reason`, async () => {
      const result = await runCommand(join(cases, file), '-o', out(), ...options);
      assert.equal(result.code, code);
      assert.equal(result.slides[0]!.state, 'failed');
      assert.match(result.slides[0]!.error!, message);
      assert.ok(result.slides[0]!.error!.includes(file));
    });
  }

  it('three grey planes of an OME-TIFF are one picture', async () => {
    const planes = join(cases, 'ome-rgb-as-3-channels/ome_3ch_strip.ome.tif');
    const plane = (page: number) =>
      sharp(planes, { page }).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    const [red, green, blue] = await Promise.all([plane(0), plane(1), plane(2)]);
    const { width, height } = red.info;
    const grey = { raw: { width, height, channels: 1 } } as const;
    const colour = join(scratch, 'colour.png');
    await sharp(red.data, grey)
      .joinChannel([green.data, blue.data], grey)
      .toColourspace('srgb')
      .png()
      .toFile(colour);
    const { summary } = await runOne(planes, '-o', out(), ...counted);
    const { summary: same } = await runOne(colour, '-o', out(), '--mpp', String(summary.mpp), ...counted);
    assert.ok(summary.count > 350); // nets of ours find 354 to 414
    assert.deepEqual([summary.count, summary.classes], [same.count, same.classes]);
  });

  it('levels padded to whole tiles give the nuclei of exact.tif', async () => {
    const files = ['padded', 'exact'].map((name) => join(cases, `padded-levels/${name}.tif`));
    const { slides } = await runCommand(...files, '-o', out());
    const [padded, exact] = slides.map(({ summary }) => [found(summary), summary.tissue_area_mm2]);
    assert.deepEqual(padded, exact);
    assert.ok(exact![0]! > 400 && exact![1] === 0.081152);
  });
});

describe('a DICOM slide', needs(missing), () => {
  const instances = () => readdirSync(join(cases, 'dicom/noext')).sort();

  it('gives all its nuclei', async () => {
    const { slide, summary } = await runOne(join(cases, 'dicom/ext'), '-o', out(), ...counted);
    assert.equal(slide, 'ext');
    assert.ok(found(summary) > 250, `only ${found(summary)} nuclei`);
  });

  it('is one slide by folder, by any of its files, by pattern, by a link and as a local copy', async () => {
    const link = join(scratch, 'elsewhere', 'level-1.dcm');
    mkdirSync(join(scratch, 'elsewhere'));
    symlinkSync(join(cases, 'dicom/ext/000002.dcm'), link);
    const hashes = new Set<string>();
    for (const [id, ...args] of [
      ['ext', join(cases, 'dicom/ext')],
      ['ext', join(cases, 'dicom/ext/*.dcm')],
      ['ext', link],
      ['noext', join(cases, 'dicom/noext')],
      ['noext', join(cases, 'dicom/noext', instances()[1]!), '--local-copy', scratch],
    ] as const) {
      const folder = out();
      const { slide, state } = await runOne(...args, '-o', folder, '--model', stubModel);
      assert.deepEqual([slide, state], [id, 'done']);
      const text = readFileSync(join(folder, id, 'run.json'), 'utf8');
      const record = JSON.parse(text) as { slide: { hash: string; width: number } };
      assert.equal(record.slide.width, 1024);
      hashes.add(`${id} ${record.slide.hash}`);
    }
    assert.equal(hashes.size, 2); // the two folders differ in the numbers of their files
  });

  it('is done anew when any of its files changed', async () => {
    const folder = join(scratch, 'changing');
    cpSync(join(cases, 'dicom/ext'), folder, { recursive: true });
    const results = out();
    const again = () =>
      runOne(join(folder, '000002.dcm'), '-o', results, '--model', stubModel) as Promise<
        SlideLine & { already?: true }
      >;
    assert.equal((await again()).already, undefined);
    assert.equal((await again()).already, true);
    const level0 = join(folder, '000001.dcm');
    const bytes = readFileSync(level0);
    bytes[bytes.length - 3000]! ^= 1;
    writeFileSync(level0, bytes);
    utimesSync(level0, new Date(), new Date(Date.now() + 5000));
    assert.equal((await again()).already, undefined);
  });

  it('is refused where only a smaller level of it is there', async () => {
    const folder = join(scratch, 'part');
    mkdirSync(folder);
    cpSync(join(cases, 'dicom/ext/000002.dcm'), join(folder, '000002.dcm'));
    const { code, slides } = await runCommand(folder, '-o', out());
    assert.equal(code, 66);
    assert.match(slides[0]!.error!, /the series lacks its level 0.*000002\.dcm \(512 x 512\)/);
  });
});
