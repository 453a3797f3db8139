import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { hasEnded, thisProcess } from '../../src/cohort/owner.js';
import { copyToLocalDisk } from '../../pipelines/cohort/local-copy.js';
import { StateLog } from '../../src/cohort/state-log.js';
import { SlideFolder } from '../../src/table/slide-folder.js';
import { scratchFolder } from '../../testkit/folder.js';

const scratch = scratchFolder();
const queued = (id: string) =>
  ({ state: 'queued', row: { id, path: `/${id}`, bytes: 1, columns: {} } }) as const;

describe('the states of a slide', () => {
  it('are appended by one of many that want to', async () => {
    const folder = join(scratch, 'race');
    const writers = Array.from({ length: 30 }, (_, k) =>
      new StateLog(new SlideFolder(folder)).append(0, queued(`writer-${k}`)),
    );
    const won = await Promise.all(writers);
    assert.equal(won.filter(Boolean).length, 1);
    const last = await new StateLog(new SlideFolder(folder)).last();
    assert.deepEqual(last, { number: 1, state: queued(`writer-${won.indexOf(true)}`) });
    assert.deepEqual(await readdir(join(folder, 'states')), ['0001.json'], 'nothing is left of the others');
  });

  it('that a damaged disk left unreadable count as their forerunners, and their numbers stay taken', async () => {
    const log = new StateLog(new SlideFolder(join(scratch, 'damaged')));
    await log.append(0, queued('first'));
    await writeFile(join(scratch, 'damaged', 'states', '0002.json'), '{"state": "do');
    assert.deepEqual(await log.last(), { number: 2, state: queued('first') });
    assert.equal(await log.append(1, queued('late')), false);
    assert.equal(await log.append(2, queued('next')), true);
  });

  it('are none where no run was', async () => {
    assert.equal(await new StateLog(new SlideFolder(join(scratch, 'nowhere'))).last(), undefined);
  });
});

it('a process is known to have ended by its number, its start, and the machine', () => {
  assert.equal(hasEnded(thisProcess), false);
  assert.equal(hasEnded({ ...thisProcess, started: '1' }), true, 'its number has come round');
  assert.equal(hasEnded({ ...thisProcess, pid: 2 ** 22 + 1 }), true, 'there is none of this number');
  assert.equal(
    hasEnded({ ...thisProcess, pid: 2 ** 22 + 1, machine: 'another' }),
    false,
    'that cannot be known',
  );
});

describe('staging', () => {
  it('takes the folder of a MIRAX slide along', async () => {
    const [slide, disk] = [join(scratch, 'x.mrxs'), join(scratch, 'disk')];
    await mkdir(disk);
    await mkdir(join(scratch, 'x'));
    await writeFile(slide, 'slide');
    await writeFile(join(scratch, 'x', 'Data0000.dat'), 'pixels');
    const copy = await copyToLocalDisk(slide, disk);
    assert.ok(copy.path.startsWith(disk) && copy.path.endsWith('/x.mrxs'));
    assert.equal(await readFile(join(copy.path, '..', 'x', 'Data0000.dat'), 'utf8'), 'pixels');
    await copy.remove();
    assert.deepEqual(await readdir(disk), []);
  });

  it('reads a slide where it lies if there is no room, or if its parts have fixed names', async () => {
    const slide = join(scratch, 'y.svs');
    await writeFile(slide, 'slide');
    const full = await copyToLocalDisk(slide, join(scratch, 'no disk'));
    assert.equal(full.path, slide);
    assert.match(full.notice!, /not copied to .*no disk: ENOENT/);
    assert.match((await copyToLocalDisk(join(scratch, 'z.vms'), scratch)).notice!, /not copied/);
  });
});
