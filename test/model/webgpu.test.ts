// WebGPU on a software device: SwiftShader, which Debian's package chromium carries. Its loader is Debian's libvulkan1.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { tinyMaps, tinyPatch, tinyPatches, writeTinyNet } from './tiny-net.js';

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
const loader = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib64/libvulkan.so.1'].some((path) =>
  existsSync(path),
);
const missing =
  existsSync(driver) && loader ? false : 'the packages chromium (its SwiftShader) and libvulkan1';
const folder = scratchFolder();

/** Runs the module of inference in a process of its own, since a Vulkan driver is named before a process starts. */
function inProcess(program: string, environment: NodeJS.ProcessEnv = {}) {
  const modules = join(packageRoot, 'dist', 'src', 'model');
  const head = `
    import { openModel } from ${JSON.stringify(join(modules, 'model.js'))};
    import { Inference } from ${JSON.stringify(join(modules, 'inference.js'))};
    const model = await openModel(${JSON.stringify(writeTinyNet(join(folder, 'net.onnx')))});
    const open = (batch) => Inference.open(model, { provider: 'webgpu', threads: 1, batch });`;
  const env = { ...process.env, VK_DRIVER_FILES: driver, ...environment };
  const options = { env, encoding: 'utf8', timeout: 600_000 } as const;
  const file = join(folder, 'program.mjs');
  writeFileSync(file, head + program);
  return spawnSync(process.execPath, [file], options);
}

describe('WebGPU', needs(missing), () => {
  it('gives the maps of the CPU, the same in every batch', () => {
    const { stdout, stderr, status } = inProcess(`
      const inference = await open(4);
      const patches = () => Uint8Array.from(${JSON.stringify([...tinyPatches(4)])});
      const results = [];
      for (let k = 0; k < 3; k++) results.push([...(await inference.run(patches())).maps]);
      await inference.close();
      console.log(JSON.stringify({ provider: inference.provider, device: inference.device, results }));`);
    assert.equal(status, 0, stderr);
    const { provider, device, results } = JSON.parse(stdout) as {
      provider: string;
      device: string;
      results: number[][];
    };
    assert.equal(provider, 'webgpu');
    assert.match(device, /SwiftShader/);
    const size = tinyPatch ** 2 * 3;
    const patches = tinyPatches(4);
    const expected = [0, 1, 2, 3].flatMap((k) => [...tinyMaps(patches.subarray(k * size, (k + 1) * size))]);
    for (const maps of results) assert.deepEqual(maps, expected); // whole numbers below 2^24: no rounding anywhere
  });

  it('is an error where Vulkan has no device', () => {
    const { stdout } = inProcess(
      `await open(1).catch((error) => console.log(JSON.stringify({ kind: error.kind, message: error.message })));`,
      { VK_DRIVER_FILES: '/dev/null' },
    );
    const { kind, message } = JSON.parse(stdout) as { kind: string; message: string };
    assert.equal(kind, 'unavailable');
    assert.match(
      message,
      /^execution provider does not work here: webgpu: Vulkan finds no driver of a device$/,
    );
  });
});
