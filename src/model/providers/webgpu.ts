import { addon } from '../../native.js';

interface LibraryBinding {
  /** The loader's reason why a library cannot be loaded, or nothing: then it stays loaded. */
  loadLibraryForGood(file: string): string;
}

/**
 * ONNX Runtime reaches any vendor's GPU through Vulkan, whose loader is a library of the system.
 * @throws Error with one line if there is none
 */
export function prepareWebgpu(): void {
  const reason = addon<LibraryBinding>().loadLibraryForGood('libvulkan.so.1');
  if (reason !== '') {
    throw new Error(`no Vulkan loader (on Debian or Ubuntu: apt-get install libvulkan1): ${reason}`);
  }
}
