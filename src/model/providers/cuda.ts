import { join } from 'node:path';
import type { CudaDevice } from '../../addon.js';
import { addon } from '../../native.js';
import { oldestCapability, oldestDriver, tensorrtLibraries } from './packages.js';
import { providerFolder, readInstalled } from './store.js';

export type { CudaDevice } from '../../addon.js';

/** Error of a provider that was never installed. It is no reason for a notice: the record of a run mentions it. */
export class NotInstalled extends Error {}

/**
 * Checks everything that the CUDA provider needs and loads its libraries, so that ONNX Runtime finds them loaded.
 * @throws Error with one line: what is missing or does not fit, and what helps
 */
export function prepareCuda(device: number): CudaDevice {
  const manifest = readInstalled();
  if (!manifest) throw new NotInstalled("not installed; 'hoverslide provider add cuda' does that");
  const found = cudaDevice(device);
  const { files, preload } = manifest;
  for (const name of preload) {
    if (name in files) load(join(providerFolder(), name), "'hoverslide provider add cuda' renews it");
    else
      load(name, "it was the system's when the provider was added: load the same modules, or add it again");
  }
  return found;
}

/** Prepares CUDA, then loads TensorRT's libraries. @throws Error with one line, as prepareCuda does */
export function prepareTensorrt(device: number): CudaDevice {
  const found = prepareCuda(device);
  for (const name of tensorrtLibraries) load(name, 'TensorRT 10 must be installed on the system');
  return found;
}

/** Checks the driver and a device of it, and returns the device. @throws Error with one line if either does not fit */
export function cudaDevice(index: number): CudaDevice {
  const { version, devices } = addon().queryCudaDriver();
  if (version < oldestDriver) {
    throw new Error(
      `NVIDIA's driver is too old: expected one for CUDA ${dotted(oldestDriver)} (580 or later), found one for ${dotted(version)}`,
    );
  }
  const visible = process.env['CUDA_VISIBLE_DEVICES'];
  const from = visible === undefined ? '' : ` (CUDA_VISIBLE_DEVICES is '${visible}')`;
  const device = devices[index];
  if (!device) {
    throw new Error(
      devices.length === 0
        ? `the driver has no device for this process${from}`
        : `expected a device from 0 to ${devices.length - 1}${from}, found ${index}`,
    );
  }
  const { major, minor } = oldestCapability;
  if (device.major < major || (device.major === major && device.minor < minor)) {
    throw new Error(
      `device ${index}, ${device.name}, is too old for CUDA 13: expected compute capability ${major}.${minor} or newer, ` +
        `found ${device.major}.${device.minor}`,
    );
  }
  return device;
}

/**
 * Returns the devices of this job. Their number is that of the names in CUDA_VISIBLE_DEVICES, which Slurm sets. If it
 * is not set, only the first device belongs to the job. CUDA lets a process use only one MIG slice, whatever the list
 * says.
 */
export function ownedDevices(visible: string | undefined = process.env['CUDA_VISIBLE_DEVICES']): number[] {
  const names = visible?.split(',').map((name) => name.trim()) ?? [''];
  const end = names.findIndex((name) => name === '' || name === '-1'); // CUDA ignores everything after an invalid name
  const count = names[0]!.startsWith('MIG-') ? 1 : end < 0 ? names.length : end;
  return Array.from({ length: Math.max(count, 1) }, (_, index) => index);
}

/** Returns whether the system's own search finds a library. */
export function systemHas(soname: string): boolean {
  return addon().loadLibraryForGood(soname) === '';
}

function load(file: string, help: string): void {
  const reason = addon().loadLibraryForGood(file);
  if (reason !== '') throw new Error(`a library cannot be loaded: ${reason}; ${help}`);
}

/** Formats CUDA's version: 13000 becomes 13.0. */
function dotted(version: number): string {
  return `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`;
}
