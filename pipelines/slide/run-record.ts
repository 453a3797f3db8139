import { cpus } from 'node:os';
import { ownedCores, ownedMemory } from '../../src/machine.js';
import { describeOpenSlide } from '../../src/slide/library.js';
import type { RunRecord } from '../../src/table/run-record.js';
import { onnxruntimeVersion, packageVersion } from '../../src/version.js';
import type { Engine } from '../engine/engine.js';
import type { PreparedSlide, SlideSettings } from './prepare.js';

/**
 * Returns the share of the time since `start` in which the net's devices were at work, given their seconds in ONNX
 * Runtime.
 */
export function busyShare(net: number, { inference }: Engine, start: number): number {
  const share = net / inference.width / ((performance.now() - start) / 1000);
  return Math.min(share, 1); // more than 1 if a device that was lost since was at work too
}

/**
 * Returns the content of run.json: how the other files were made.
 * @param start when the slide was begun, on performance.now()'s clock
 * @param seconds busy seconds per stage
 */
export function runRecord(
  { slide, hash, patchIndices, lattice, stain }: PreparedSlide,
  engine: Engine,
  options: SlideSettings,
  start: number,
  seconds: Omit<RunRecord['seconds'], 'wall'>,
): RunRecord {
  const openSlide = describeOpenSlide();
  return {
    slide: { path: slide.path, hash, width: slide.width, height: slide.height, pixel_size: slide.pixelSize },
    model: { path: engine.model.path, sha256: engine.model.hash, card: engine.model.card },
    options: { ...options, ...engine.settings, provider: engine.inference.provider },
    device: engine.inference.device,
    sessions: engine.inference.sessions ?? null,
    providers_passed_over: engine.inference.passedOver,
    patches: patchIndices.length / 2,
    level0_px_per_model_px: lattice.space.scale,
    stain_vectors: stain,
    versions: {
      hoverslide: packageVersion,
      node: process.versions.node,
      onnxruntime: onnxruntimeVersion,
      openslide: 'found' in openSlide ? openSlide.found.version : null,
    },
    machine: {
      processor: cpus()[0]?.model ?? process.arch,
      cores: ownedCores(),
      memory_bytes: ownedMemory(),
    },
    device_busy: busyShare(seconds.net, engine, start),
    finished: new Date().toISOString(),
    seconds: { ...seconds, wall: (performance.now() - start) / 1000 },
    peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
  };
}
