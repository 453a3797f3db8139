import { addon } from '../../native.js';

/**
 * Returns the names of all Vulkan devices. ONNX Runtime reaches GPUs of any vendor through Vulkan, whose loader is a
 * system library. It does not say which of several devices it uses, so all are named.
 * @throws Error with one line if there is none
 */
export function webgpuDevice(): string {
  return addon().queryVulkanDevices().join(', ');
}
