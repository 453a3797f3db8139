import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'vitest';
import { fileFacts } from '../../src/slide/files/facts.js';
import { slidesBelow } from '../../src/slide/files/find.js';
import { slideFiles } from '../../src/slide/files/slide-files.js';
import { openSlide } from '../../src/slide/slide.js';
import { dicomHeader } from '../../testkit/dicom.js';
import { scratchFolder } from '../../testkit/folder.js';

const folder = scratchFolder();

function put(path: string, content: string | Buffer = 'x'): string {
  const full = join(folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

const level0 = (series: string) => dicomHeader(series, 'ORIGINAL\\PRIMARY\\VOLUME\\NONE', 4096, 2048);
const level1 = (series: string) => dicomHeader(series, 'DERIVED\\PRIMARY\\VOLUME\\RESAMPLED', 1024, 512);
const label = (series: string) => dicomHeader(series, 'ORIGINAL\\PRIMARY\\LABEL\\NONE', 100, 100);

describe('the files of a DICOM slide', () => {
  it('are those of its series, by any of them or by the folder', async () => {
    const paths = ['1.2.3.101', '1.2.3.102', '1.2.3.103'].map((name) => `one/${name}`);
    [level1('1.2.3'), level0('1.2.3'), label('1.2.3')].forEach((head, k) => put(paths[k]!, head));
    put('one/notes.txt');
    for (const name of ['one', ...paths]) {
      const { id, names, lacking } = await slideFiles(join(folder, name));
      assert.deepEqual([id, names, lacking], ['one', ['1.2.3.101', '1.2.3.102', '1.2.3.103'], undefined]);
    }
    const { bytes } = await fileFacts(join(folder, paths[0]!));
    assert.equal(bytes, level1('1.2.3').length + level0('1.2.3').length + label('1.2.3').length);
    const later = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    utimesSync(join(folder, paths[2]!), later, later);
    assert.equal((await fileFacts(join(folder, paths[0]!))).modified, later.getTime());
  });

  it('are told apart by series where several share a folder, and found once each', async () => {
    put('two/a1.dcm', level0('1.2.7'));
    put('two/a2.dcm', level1('1.2.7'));
    put('two/b.dcm', level0('1.2.8'));
    put('two/label.dcm', label('1.2.9'));
    put('two/c.svs');
    assert.equal((await slideFiles(join(folder, 'two/a2.dcm'))).id, '1.2.7');
    assert.equal((await slideFiles(join(folder, 'two/b.dcm'))).id, 'b');
    await assert.rejects(
      slideFiles(join(folder, 'two')),
      /two: expected a slide, found a folder of 2 DICOM slides/,
    );
    const { slides: found } = await slidesBelow(join(folder, 'two'));
    assert.deepEqual(
      found,
      ['a1.dcm', 'b.dcm', 'c.svs'].map((name) => join(folder, 'two', name)),
    );
  });

  it('are not whole where level 0 is not there, and are found behind a link', async () => {
    const copy = put('copy/a2.dcm', level1('1.2.10'));
    await assert.rejects(openSlide(copy), /a2\.dcm: the series lacks its level 0.*1024 x 512/);
    put('real/a1.dcm', level0('1.2.10'));
    put('real/a2.dcm', level1('1.2.10'));
    rmSync(copy);
    symlinkSync(join(folder, 'real/a2.dcm'), copy);
    const { id, names } = await slideFiles(copy);
    assert.deepEqual([id, names], ['real', ['a1.dcm', 'a2.dcm']]);
    // every file a link of its own, as some stores of data have it: the links are the slide
    mkdirSync(join(folder, 'links'));
    for (const name of ['a1.dcm', 'a2.dcm'])
      symlinkSync(join(folder, 'real', name), join(folder, 'links', name));
    assert.equal((await slideFiles(join(folder, 'links/a1.dcm'))).id, 'links');
  });
});

describe('the files of slides that consist of several', () => {
  it('are for MIRAX the folder of the same name, also behind a link, and none may be missing', async () => {
    const path = put('m/y.mrxs');
    await assert.rejects(openSlide(path), /y\.mrxs: its folder y\/ is not there/);
    put(
      'm/y/Slidedat.ini',
      '[HIERARCHICAL]\r\nINDEXFILE = Index.dat\r\n[DATAFILE]\r\nFILE_0 = Data0000.dat\r\n',
    );
    put('m/y/Index.dat');
    await assert.rejects(openSlide(path), /y\.mrxs: y\/Data0000\.dat, a part of it, is not there/);
    put('m/y/Data0000.dat');
    const { id, names, lacking } = await slideFiles(path);
    assert.deepEqual([id, lacking], ['y', undefined]);
    assert.deepEqual(names, ['y.mrxs', 'y/Data0000.dat', 'y/Index.dat', 'y/Slidedat.ini']);
    mkdirSync(join(folder, 'linked'));
    symlinkSync(path, join(folder, 'linked/z.mrxs'));
    const linked = await slideFiles(join(folder, 'linked/z.mrxs'));
    assert.deepEqual([linked.id, linked.folder, linked.names], ['z', join(folder, 'm'), names]);
  });

  it('are for Hamamatsu those that its text names', async () => {
    const lines = [
      '[Virtual Microscope Specimen]',
      'NoJpegColumns=1',
      'ImageFile=v.jpg',
      'ImageFile(1,0)=v(1,0).jpg',
    ];
    const path = put('v/v.vms', [...lines, 'MapFile=v_map.jpg', 'OptimisationFile=v.opt', ''].join('\n'));
    for (const name of ['v.jpg', 'v_map.jpg']) put(`v/${name}`);
    await assert.rejects(openSlide(path), /v\.vms: v\(1,0\)\.jpg, a part of it, is not there/);
    put('v/v(1,0).jpg');
    const { names, lacking } = await slideFiles(path);
    assert.deepEqual([names, lacking], [['v.vms', 'v(1,0).jpg', 'v.jpg', 'v_map.jpg'], undefined]);
  });

  it('are not looked for in a file that only has the ending of a slide', async () => {
    const path = put('p/preview.svs', Buffer.from('no slide'.repeat(50)));
    await assert.rejects(
      openSlide(path, { mpp: 0.25 }),
      /preview\.svs: expected a slide, as its ending \.svs says/,
    );
  });
});
