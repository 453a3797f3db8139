import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { HoverslideError } from '../../src/errors.js';
import { addon } from '../../src/native.js';
import { packageRoot } from '../../src/package-root.js';

export function registerBuildAddon(program: Command): void {
  program
    .command('build-addon')
    .summary('compile the C++ part where no prebuilt one fits this machine')
    .description(
      'Compiles the C++ part of hoverslide for this machine; needs cmake, make and a C++ 20 compiler. ' +
        'Where a prebuilt one fits (Linux with glibc 2.28 or newer, x64 or arm64) there is no need.',
    )
    .action(buildAddon);
}

function buildAddon(): void {
  if (!existsSync(join(packageRoot, 'native'))) {
    throw new HoverslideError(
      'unavailable',
      `${packageRoot}: expected the C++ sources in native/, found none: the npm package and the repository have them, the wheel has not`,
    );
  }
  const script = join(packageRoot, 'scripts', 'build-addon.js');
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new HoverslideError('unavailable', 'build-addon: see above what failed');
  addon();
  console.log(`${join(packageRoot, 'build', 'Release', 'hoverslide.node')}: compiled, and loads`);
}
