import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { collectSlides, refuse, type CohortRequest } from '../../pipelines/cohort/collect-slides.js';
import { slidesOfShard } from '../../pipelines/cohort/shard.js';
import { HoverslideError } from '../../src/errors.js';
import { scratchFolder } from '../../testkit/folder.js';

const folder = scratchFolder();

/** Empty files do: nothing is opened here. */
async function touch(name: string, bytes = 1): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, Buffer.alloc(bytes));
  return path;
}

async function manifest(text: string | Buffer): Promise<Awaited<ReturnType<typeof collectSlides>>> {
  const path = join(folder, 'cohort.csv');
  await writeFile(path, text);
  return collect({ manifest: path });
}

function collect(request: Partial<CohortRequest>) {
  return collectSlides({ slides: [], ...request });
}

const texts = ({ problems }: { problems: readonly { text: string }[] }) =>
  problems.map(({ text }) => text.replaceAll(`${folder}/`, ''));

describe('what a run is given', () => {
  it('folders give the slides below them, without hidden files, results and the parts of other slides', async () => {
    for (const name of ['s/b.svs', 's/deep/a.NDPI', 's/._b.svs', 's/notes.txt']) {
      await touch(name);
    }
    for (const name of ['s/out/b/overview.png', 's/out/b/states/0001.json']) await touch(name);
    for (const name of ['s/v/x.vms', 's/v/x(1,0).jpg', 's/m/y.mrxs', 's/m/y/Data0000.dat'])
      await touch(name, 10);
    await writeFile(
      Buffer.concat([Buffer.from(join(folder, 's', 'latin')), Buffer.from([0xfc]), Buffer.from('.tif')]),
      '',
    );
    const { slides, problems, notices } = await collect({ slides: [join(folder, 's')] });
    assert.deepEqual(problems, []);
    assert.deepEqual(
      notices.map((notice) => notice.replaceAll(`${folder}/`, '')),
      [
        's/latin\\xfc.tif: left out: its name is not UTF-8; rename it',
        's/out/b: left out: results of hoverslide',
      ],
    );
    assert.deepEqual(slides.map(({ id }) => id).sort(), ['a', 'b', 'x', 'y']);
    assert.equal(slides.find(({ id }) => id === 'y')!.file.bytes, 20, "a MIRAX slide's folder counts");
  });

  it('a link whose target is gone is told, and links in a circle end', async () => {
    await touch('l/a.svs');
    await symlink('/nowhere/gone.svs', join(folder, 'l', 'gone.svs'));
    await symlink('.', join(folder, 'l', 'self'));
    const { slides, problems } = await collect({ slides: [join(folder, 'l')] });
    assert.deepEqual(slides.map(({ id }) => id).slice(0, 1), ['a']);
    assert.match(problems[0]!.text, /l\/gone\.svs: no such file/);
  });

  it('patterns and names mix, a slide named twice is one, and a pattern without slides is a problem', async () => {
    await touch('g/one.svs');
    await touch('g/two.svs');
    const slides = [join(folder, 'g/t*.svs'), join(folder, 'g'), join(folder, 'g/*.tif')];
    const found = await collect({ slides });
    assert.deepEqual(
      found.slides.map(({ id }) => id),
      ['two', 'one'],
    );
    assert.deepEqual(texts(found), ['g/*.tif: expected slides, found none']);
  });

  it('a manifest says what goes for each slide; its own columns travel along', async () => {
    await touch('m/a.svs');
    await touch('m/b.svs');
    await touch('m/b.png');
    const { slides, problems } = await manifest(
      '\ufeffslide;id;mpp;mask;roi;patient;arm;site;age;pid\n' +
        'm/a.svs;p1-a;0.25;;0,0,50,50;"Doe; J";x;Bern;41;7\n' +
        '\n' +
        'm/b.svs;;;m/b.png;;;;;;\n',
    );
    assert.deepEqual(problems, []);
    const [a, b] = slides;
    assert.deepEqual(
      { id: a!.id, mpp: a!.mpp, roi: a!.roi, mask: a!.mask },
      { id: 'p1-a', mpp: 0.25, roi: '0,0,50,50', mask: undefined },
    );
    assert.deepEqual(a!.columns, { patient: 'Doe; J', arm: 'x', site: 'Bern', age: '41', pid: '7' });
    assert.deepEqual([b!.id, b!.mask], ['b', join(folder, 'm/b.png')]);
  });

  it('options of the command go for slides of which the manifest does not say otherwise', async () => {
    await touch('m/a.svs');
    await touch('m/b.svs');
    const path = join(folder, 'defaults.csv');
    await writeFile(path, 'slide,mpp\nm/a.svs,0.5\nm/b.svs,\n');
    const { slides } = await collect({ manifest: path, mpp: 0.25 });
    assert.deepEqual(
      slides.map(({ mpp }) => mpp),
      [0.5, 0.25],
    );
  });

  it('all that is wrong is said at once', async () => {
    await touch('m/a.svs');
    const found = await manifest(
      'slide,id,mpp,mask,modle\nm/a.svs,x,zero,,\nm/gone.svs,y,,,\nm/a.svs,x,,m/gone.png,\nm/a.svs,x/y,,,\n,z,,,\nm/a.svs,x,,,,,\n',
    );
    assert.deepEqual(texts(found), [
      "cohort.csv: column 'modle' looks like 'model': call it that, or something else",
      "cohort.csv: row 2: column 'mpp': expected micrometres per pixel, found 'zero'",
      "cohort.csv: row 6: column 'slide' is empty",
      'cohort.csv: row 7: expected 5 columns, found 7',
      'cohort.csv: row 3: m/gone.svs: no such file',
      'cohort.csv: row 4: m/gone.png: no such file',
      "cohort.csv: row 5: id 'x/y': expected a name for a folder, without slashes and not beginning with a dot",
    ]);
    assert.throws(
      () => refuse(found.problems),
      (error) =>
        error instanceof HoverslideError && error.kind === 'usage' && error.message.split('\n').length === 8,
    );
  });

  it('ids that are there twice are found, and names of our own files', async () => {
    await touch('m/a.svs');
    await touch('n/a.tif');
    assert.deepEqual(texts(await manifest('slide\nm/a.svs\nn/a.tif\n')), [
      "cohort.csv: row 3: id 'a' is there twice: m/a.svs and n/a.tif would both write to that folder",
    ]);
    assert.match(
      texts(await manifest('slide,id\nm/a.svs,report.html\n'))[0]!,
      /taken by hoverslide's own files/,
    );
  });

  it('is UTF-8 or UTF-16, with the separator that Excel names, and NA is nothing', async () => {
    await touch('m/a.svs');
    const text = 'sep=;\r\nslide;id;mpp;patient\r\nm/a.svs;NA;NaN;M\u00fcller\r\n';
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    for (const bytes of [text, `\ufeff${text}`, utf16, Buffer.from(utf16).swap16()]) {
      const { slides, problems } = await manifest(bytes);
      assert.deepEqual(problems, []);
      const [{ id, mpp, columns }] = slides as [(typeof slides)[number]];
      assert.deepEqual([id, mpp, columns], ['a', undefined, { patient: 'M\u00fcller' }]);
    }
    await assert.rejects(manifest(Buffer.from(text, 'latin1')), {
      kind: 'input',
      message: /cohort\.csv: expected text in UTF-8, found .*Windows-1252/,
    });
    await assert.rejects(manifest(Buffer.from(text, 'utf16le')), { kind: 'input', message: /zero bytes/ });
    const damaged = Buffer.from(`\ufeff${text.replace('M', '\0')}`, 'utf16le');
    await assert.rejects(manifest(damaged), { kind: 'input', message: /found damaged UTF-16/ });
  });

  it('of which parts are no text is refused without control characters on the terminal', async () => {
    await touch('m/a.svs');
    const { problems } = await manifest('slide,mpp\nm/a.svs,0\x1b[2J\x07\n');
    assert.throws(() => refuse(problems), /column 'mpp': expected micrometres per pixel, found '0\?\[2J\?'$/);
  });

  it('decimal commas and columns without a name are refused by name, empty columns left out', async () => {
    await touch('m/a.svs');
    assert.deepEqual(texts(await manifest('slide;mpp\nm/a.svs;0,499\n')), [
      "cohort.csv: row 2: column 'mpp': expected micrometres per pixel with a decimal point, found '0,499'",
    ]);
    assert.match(texts(await manifest(',slide\n1,m/a.svs\n'))[0]!, /column 1 has no name.*row\.names/);
    const { slides, problems } = await manifest('slide,,\nm/a.svs,,\n');
    assert.deepEqual([problems, slides[0]!.columns], [[], {}]);
  });

  const typos = {
    'Slide,patient': "'Slide' looks like 'slide'",
    'silde,patient': "'silde' looks like 'slide'",
    'slide,ID': "'ID' looks like 'id'",
    'slide,masks': "'masks' looks like 'mask'",
    'slide,mmp': "'mmp' looks like 'mpp'",
  };
  for (const [header, typo] of Object.entries(typos)) {
    it(`columns ${header}: ${typo}`, async () => {
      const found = texts(await manifest(`${header}\n`));
      assert.equal(found.length, 1);
      assert.ok(found[0]!.includes(typo), found[0]);
    });
  }

  it('columns of other words are left alone', async () => {
    await touch('m/a.svs');
    const found = await manifest('slide,mask,model,site,side,age,pid,task,sliced,grade\nm/a.svs,,,,,,,,,\n');
    assert.deepEqual(texts(found), []);
    assert.match(
      texts(await manifest('file,patient\nm/a.svs,1\n'))[0]!,
      /expected a column 'slide', found 'file', 'patient'/,
    );
  });
});

describe('shards', () => {
  const slide = (id: string, bytes: number) => ({
    id,
    path: `/${id}`,
    file: { bytes, modified: 0 },
    model: 'm',
    fromManifest: [],
    columns: {},
  });
  const slides = Array.from({ length: 60 }, (_, k) => slide(`s${k}`, 1000 + ((k * 7919) % 977) ** 2));
  const shards = (list: typeof slides, count: number) =>
    Array.from({ length: count }, (_, k) => slidesOfShard(list, { index: k + 1, count }));

  it('every slide is in one shard, and the order of the manifest does not matter', () => {
    const parts = shards(slides, 7).map((part) => part.map(({ id }) => id).sort());
    assert.deepEqual(parts.flat().sort(), slides.map(({ id }) => id).sort());
    assert.deepEqual(
      shards([...slides].reverse(), 7).map((part) => part.map(({ id }) => id).sort()),
      parts,
    );
  });

  it('bytes are balanced to within the smallest slide, as by hand', () => {
    const loads = shards(slides, 4).map((part) => part.reduce((sum, { file }) => sum + file.bytes, 0));
    const largest = Math.max(...slides.map(({ file }) => file.bytes));
    assert.ok(Math.max(...loads) - Math.min(...loads) < largest / 10, String(loads));
    // 8 | 7 | 6+5 -> 8+4, 7+5, 6
    const few = [slide('a', 8), slide('b', 7), slide('c', 6), slide('d', 5), slide('e', 4)];
    assert.deepEqual(
      shards(few, 3).map((part) => part.map(({ id }) => id).join('')),
      ['a', 'be', 'cd'],
    );
  });

  it('more shards than slides leave some empty', () => {
    assert.deepEqual(
      shards([slide('a', 1), slide('b', 1)], 3).map((part) => part.length),
      [1, 1, 0],
    );
  });
});
