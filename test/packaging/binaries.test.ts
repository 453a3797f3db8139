import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';

interface Elf {
  readonly machine: string;
  readonly versions: readonly string[];
}

// Plain JavaScript of the packaging, which is not compiled.
const room = (file: string) => pathToFileURL(join(packageRoot, 'packaging', file)).href;
const { readElf, newestGlibc } = (await import(room('elf.js'))) as {
  readElf: (file: string) => Elf;
  newestGlibc: (versions: readonly string[]) => string | undefined;
};
const { fault } = (await import(room('check.js'))) as {
  fault: (file: string, processor: string) => string[];
};

const scratch = scratchFolder();
const modules = join(packageRoot, 'node_modules');
const runtime = (cpu: string) =>
  join(modules, 'onnxruntime-node', 'bin', 'napi-v6', 'linux', cpu, 'libonnxruntime.so.1');

/** The binaries that the packages take from others, as far as they are of this machine. */
const binaries = [
  runtime(process.arch),
  join(packageRoot, '.cache', 'openslide', 'libopenslide.so.1'),
  ...['@img', '@napi-rs'].flatMap((scope) =>
    readdirSync(join(modules, scope), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.node$|\.so[.\d]*$/.test(name))
      .map((name) => join(modules, scope, name)),
  ),
];
const readelf = spawnSync('readelf', ['--version']).status === 0;

describe('the addon', () => {
  const nm = spawnSync('nm', ['--version']).status === 0;
  it(
    'takes no function from the C library whose last digit depends on the system',
    needs(!nm && 'nm, of the package binutils'),
    () => {
      const file = join(packageRoot, 'build', 'Release', 'hoverslide.node');
      const taken = spawnSync('nm', ['-D', '--undefined-only', file], { encoding: 'utf8' }).stdout;
      assert.match(taken, / U malloc|_Znwm/); // it has been read
      const inexact =
        /\b(exp2?|expm1|log(2|10|1p)?|pow|cbrt|hypot|a?(sin|cos|tan)h?|atan2|sincos|[lt]gamma|erfc?)f?@/g;
      assert.deepEqual(taken.match(inexact) ?? [], []);
    },
  );
});

describe('binaries of a package', () => {
  it('that come from others load on glibc 2.28', () => {
    assert.ok(binaries.length >= 5, `${binaries.length} found`);
    for (const file of binaries) assert.deepEqual(fault(file, process.arch), []);
  });

  it('need the versions that readelf finds', needs(!readelf && 'readelf, of the package binutils'), () => {
    for (const file of binaries) {
      const said = spawnSync('readelf', ['--version-info', '--wide', file], { encoding: 'utf8' }).stdout;
      const needed = said.slice(said.indexOf('Version needs section'));
      const expected = [...needed.matchAll(/Name: (\S+)\s+Flags/g)].map(([, name]) => name!);
      assert.ok(expected.length > 0, file);
      assert.deepEqual([...readElf(file).versions].sort(), expected.sort(), file);
    }
  });

  it('are refused for another processor, or if they need a newer glibc', () => {
    assert.deepEqual(fault(runtime('arm64'), 'x64'), [
      `${runtime('arm64')}: expected a binary for x64, found one for arm64`,
    ]);
    const newer = join(scratch, 'newer.so');
    const text = readFileSync(runtime('x64'), 'latin1').replaceAll('GLIBC_2.28', 'GLIBC_2.29');
    writeFileSync(newer, text, 'latin1');
    assert.deepEqual(fault(newer, 'x64'), [`${newer}: expected to need glibc 2.28 at most, found 2.29`]);
    const none = join(scratch, 'none.so');
    writeFileSync(none, 'no binary');
    assert.throws(() => fault(none, 'x64'), /expected a 64-bit little-endian ELF file, found another/);
  });

  it('have their versions compared as numbers', () => {
    assert.equal(
      newestGlibc(['GLIBC_2.9', 'GLIBC_2.28', 'GLIBC_2.3.4', 'GLIBCXX_3.4.30', 'GLIBC_ABI_DT_RELR']),
      '2.28',
    );
    assert.equal(newestGlibc(['GCC_3.0']), undefined);
  });
});
