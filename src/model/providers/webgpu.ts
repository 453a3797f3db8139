import { addon } from '../../native.js';

/**
 * ONNX Runtime reaches any vendor's GPU through Vulkan, whose loader is a library of the system. Which of several devices
 * it takes it does not tell: they are named all.
 * @throws Error with one line if there is none
 */
export function webgpuDevice(): string {
  return addon().queryVulkanDevices().join(', ');
}
