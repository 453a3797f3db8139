/**
 * The systems that packages are made for: as Node names them, as Zig and pip do. glibc 2.28 is that of Debian 10 and of
 * Red Hat 8, and what ONNX Runtime, sharp, Node 24 and OpenSlide ask for.
 */
export const platforms = [
  { name: 'linux-x64', cpu: 'x64', zig: 'x86_64-linux-gnu.2.28', tag: 'manylinux_2_28_x86_64' },
  { name: 'linux-arm64', cpu: 'arm64', zig: 'aarch64-linux-gnu.2.28', tag: 'manylinux_2_28_aarch64' },
];

export const oldestGlibc = '2.28';
