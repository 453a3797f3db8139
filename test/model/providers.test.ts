import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, it } from 'vitest';
import { HoverslideError, type ErrorKind } from '../../src/errors.js';
import { largestBatch } from '../../src/model/batch.js';
import { ownedDevices } from '../../src/model/providers/cuda.js';
import { installWheels, removeInstalled } from '../../src/model/providers/install.js';
import type { Wheel } from '../../src/model/providers/packages.js';
import { manifestName, providerFolder, readInstalled } from '../../src/model/providers/store.js';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';

const scratch = scratchFolder();
const silent = () => {};

/** A wheel that holds two libraries of a few bytes, as its description would be pinned. */
function makeWheel(folder: string, name: string, text = name): Wheel {
  const source = join(scratch, 'source', name);
  mkdirSync(join(source, 'nvidia', 'lib'), { recursive: true });
  const libraries = [`lib${name}_a.so.1`, `lib${name}_b.so.1`];
  for (const library of libraries)
    writeFileSync(join(source, 'nvidia', 'lib', library), `${text} ${library}`);
  writeFileSync(join(source, 'nvidia', 'README'), 'not a library');
  const about = join(source, `${name}-1.0.dist-info`);
  mkdirSync(about, { recursive: true });
  writeFileSync(join(about, 'METADATA'), `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`);
  writeFileSync(
    join(about, 'WHEEL'),
    'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux2014_x86_64\n',
  );
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}-1.0-py3-none-manylinux2014_x86_64.whl`);
  const contents = ['nvidia', `${name}-1.0.dist-info`];
  const made = spawnSync('python3', ['-m', 'zipfile', '-c', file, ...contents], {
    cwd: source,
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  return { name, version: '1.0', sha256, download: 1000, installed: 100, libraries, preload: libraries };
}

function refused(kind: ErrorKind, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof HoverslideError, String(error));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
    return true;
  };
}

describe('the installation of a provider', () => {
  let folder: string;
  let wheels: Wheel[];
  let count = 0;
  beforeEach(() => {
    process.env['XDG_CACHE_HOME'] = join(scratch, `cache-${++count}`);
    folder = join(scratch, `wheels-${count}`);
    wheels = [makeWheel(folder, 'one'), makeWheel(folder, 'two')];
  });

  it('takes the libraries out of the wheels, beside a copy of ONNX Runtime', async () => {
    assert.equal(readInstalled(), undefined);
    const installed = await installWheels(wheels, { from: folder, say: silent });
    assert.equal(installed, providerFolder());
    assert.ok(installed.startsWith(process.env['XDG_CACHE_HOME']!));
    assert.equal(readFileSync(join(installed, 'libtwo_b.so.1'), 'utf8'), 'two libtwo_b.so.1');
    assert.ok(!existsSync(join(installed, 'README')));
    assert.ok(existsSync(join(installed, 'libonnxruntime.so.1')));
    assert.ok(!existsSync(`${installed}.partial`));
    const manifest = readInstalled()!;
    assert.deepEqual(manifest.wheels, { one: '1.0', two: '1.0' });
    assert.deepEqual(manifest.preload, ['libone_a.so.1', 'libone_b.so.1', 'libtwo_a.so.1', 'libtwo_b.so.1']);
  });

  it('is seen to be damaged when a file is, and is renewed', async () => {
    const installed = await installWheels(wheels, { from: folder, say: silent });
    truncateSync(join(installed, 'libone_a.so.1'), 3);
    assert.throws(
      () => readInstalled(),
      /damaged \(libone_a\.so\.1: expected 17 bytes, found 3\); .*provider add/,
    );
    writeFileSync(join(installed, manifestName), '{"wheels"');
    assert.throws(() => readInstalled(), /damaged \(cuda\.json is not what was written\)/);
    await installWheels(wheels, { from: folder, say: silent });
    assert.ok(readInstalled());
  });

  it('refuses a folder without a wheel, and one with another build of it, and leaves what there was', async () => {
    await installWheels(wheels, { from: folder, say: silent });
    const empty = join(scratch, 'empty');
    mkdirSync(empty, { recursive: true });
    await assert.rejects(
      installWheels(wheels, { from: empty, say: silent }),
      refused('missing', /--from .*empty: expected one-1\.0-\*\.whl, found none/),
    );
    makeWheel(folder, 'two', 'another build');
    await assert.rejects(
      installWheels(wheels, { from: folder, say: silent }),
      refused('input', /two-1\.0.*\.whl: expected SHA-256 [0-9a-f]{64}, found [0-9a-f]{64}/),
    );
    assert.ok(readInstalled(), 'the earlier installation still stands');
  });

  it('refuses a wheel that lacks a library, in words', async () => {
    const lacking = { ...wheels[0]!, libraries: ['libone_a.so.1', 'libmore.so'] };
    await assert.rejects(
      installWheels([lacking], { from: folder, say: silent }),
      refused(
        'output',
        /one-1\.0.*\.whl: cannot take its libraries out .*: expected libmore\.so in it, found none/,
      ),
    );
  });

  it('fetches with pip and its settings; a wheel that is not whole is fetched again, a whole one is not', async () => {
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: folder, PIP_CONFIG_FILE: '/dev/null' });
    const left = join(`${providerFolder()}.partial`, 'wheels');
    mkdirSync(left, { recursive: true });
    const [one, two] = readdirSync(folder).sort() as [string, string];
    writeFileSync(join(left, one), readFileSync(join(folder, one)).subarray(0, 50)); // as if interrupted
    writeFileSync(join(left, two), readFileSync(join(folder, two)));
    const printed: string[] = [];
    const installed = await installWheels(wheels, { say: (line) => printed.push(line) });
    assert.equal(readFileSync(join(installed, 'libone_a.so.1'), 'utf8'), 'one libone_a.so.1');
    assert.deepEqual(
      printed.filter((line) => line.includes('fetching')),
      ['one 1.0: fetching 1 MB'],
    );
  });

  it('says what to do where pip finds nothing', async () => {
    const nothing = join(scratch, 'nothing');
    mkdirSync(nothing, { recursive: true });
    Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: nothing, PIP_CONFIG_FILE: '/dev/null' });
    await assert.rejects(
      installWheels(wheels, { say: silent }),
      refused('unavailable', /pip cannot fetch one 1\.0: name a mirror .*--from/),
    );
  });

  it('leaves out what the system has', async () => {
    const served = { ...wheels[0]!, preload: ['libc.so.6'] };
    const installed = await installWheels([served, wheels[1]!], { from: folder, say: silent });
    assert.ok(!existsSync(join(installed, 'libone_a.so.1')));
    assert.deepEqual(readInstalled()!.preload, ['libc.so.6', 'libtwo_a.so.1', 'libtwo_b.so.1']);
  });

  it('is removed, with what an interrupted one left', async () => {
    const installed = await installWheels(wheels, { from: folder, say: silent });
    mkdirSync(`${installed}.partial`);
    assert.equal(await removeInstalled(), true);
    assert.ok(!existsSync(installed) && !existsSync(`${installed}.partial`));
    assert.equal(await removeInstalled(), false);
  });
});

/** A stand-in for NVIDIA's driver, told by the environment what to answer. */
const driver = `
#include <stdlib.h>
#include <string.h>
static int from(const char* name, int otherwise) { const char* v = getenv(name); return v ? atoi(v) : otherwise; }
int cuInit(unsigned flags) { return from("CU_INIT", 0); }
int cuDriverGetVersion(int* version) { *version = from("CU_VERSION", 13000); return 0; }
int cuDeviceGetCount(int* count) { *count = from("CU_COUNT", 2); return 0; }
int cuDeviceGet(int* device, int index) { *device = index; return 0; }
int cuDeviceGetName(char* name, int size, int device) { strncpy(name, "Test GPU", size); return 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { *bytes = (size_t)8 << 30; return 0; }
int cuDeviceGetAttribute(int* value, int what, int device) { *value = what == 75 ? from("CU_MAJOR", 9) : 0; return 0; }
int cuGetErrorString(int code, const char** text) { *text = "system has unsupported display driver"; return 0; }
`;
const compiler = spawnSync('cc', ['--version']).status === 0;

describe("NVIDIA's driver", needs(compiler ? false : 'a C compiler'), () => {
  const folder = join(scratch, 'driver');
  mkdirSync(folder);
  if (compiler) {
    const library = ['-shared', '-fPIC', '-o', join(folder, 'libcuda.so.1'), '-x', 'c', '-'];
    assert.equal(spawnSync('cc', library, { input: driver }).status, 0);
  }
  /** What cudaDevice says in a process that finds that driver. */
  const ask = (device: number, environment: NodeJS.ProcessEnv = {}) => {
    const module = join(packageRoot, 'dist', 'src', 'model', 'providers', 'cuda.js');
    const program = `import { cudaDevice } from ${JSON.stringify(module)};
      try { console.log(JSON.stringify(cudaDevice(${device}))) } catch (error) { console.log(error.message) }`;
    const env = { ...process.env, LD_LIBRARY_PATH: folder, CUDA_VISIBLE_DEVICES: undefined, ...environment };
    return spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      env,
      encoding: 'utf8',
    }).stdout.trim();
  };

  it('names its devices', () => {
    assert.deepEqual(JSON.parse(ask(1)), { name: 'Test GPU', memoryBytes: 8 * 2 ** 30, major: 9, minor: 0 });
  });

  const bad: [string, number, NodeJS.ProcessEnv, RegExp][] = [
    ['that is not there', 0, { LD_LIBRARY_PATH: '' }, /^no NVIDIA driver: libcuda\.so\.1: /],
    [
      'that is too old',
      0,
      { CU_VERSION: '12040' },
      /too old: expected one for CUDA 13\.0 \(580 or later\), found one for 12\.4$/,
    ],
    ['without a device', 0, { CU_INIT: '100' }, /^the driver has no device for this process$/],
    [
      'without a device for this job',
      0,
      { CU_COUNT: '0', CUDA_VISIBLE_DEVICES: '' },
      /no device for this process \(CUDA_VISIBLE_DEVICES is ''\)$/,
    ],
    ['without that device', 2, {}, /^expected a device from 0 to 1, found 2$/],
    [
      'with a device that is too old',
      0,
      { CU_MAJOR: '6' },
      /Test GPU, is too old .*expected compute capability 7\.5 or newer, found 6\.0$/,
    ],
    [
      'that does not answer',
      0,
      { CU_INIT: '803' },
      /^NVIDIA's driver: cuInit: system has unsupported display driver \(803\)$/,
    ],
  ];
  for (const [what, device, environment, message] of bad) {
    it(`is refused in one line: one ${what}`, () => {
      assert.match(ask(device, environment), message);
    });
  }
});

describe("this job's devices", () => {
  const cases: [string | undefined, number[]][] = [
    [undefined, [0]],
    ['3', [0]],
    ['2,5,7', [0, 1, 2]],
    ['GPU-8932f937-d72c-4106-c12f-20bd9faed9f6,GPU-2', [0, 1]],
    ['MIG-a, MIG-b', [0]],
    ['1,-1,2', [0]],
    ['', [0]],
  ];
  for (const [visible, devices] of cases) {
    it(`are ${devices.join()} where CUDA_VISIBLE_DEVICES is ${visible === undefined ? 'not set' : `'${visible}'`}`, () => {
      assert.deepEqual(ownedDevices(visible), devices);
    });
  }
});

describe('the batch on a GPU', () => {
  const fitting = (most: number) => (batch: number) =>
    batch <= most
      ? Promise.resolve(`session of ${batch}`)
      : Promise.reject(new Error('Failed to allocate memory for requested buffer of size 1073741824'));

  it('is the one wanted where it fits', async () => {
    assert.deepEqual(await largestBatch(64, fitting(64)), {
      session: 'session of 64',
      batch: 64,
      notices: [],
    });
  });
  it('is halved until it fits, with a notice', async () => {
    const { session, batch, notices } = await largestBatch(64, fitting(20));
    assert.deepEqual([session, batch], ['session of 16', 16]);
    assert.match(notices.join(), /no memory for batches of 64 patches: they are of 16/);
  });
  it('is no smaller than one patch', async () => {
    await assert.rejects(largestBatch(24, fitting(0)), /Failed to allocate memory/);
  });
  it('stays where something else fails', async () => {
    let calls = 0;
    const attempt = () => Promise.reject(new Error(`CUDA failure 700: illegal address ${++calls}`));
    await assert.rejects(largestBatch(64, attempt), /address 1/);
  });
});
