import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';

const interpreter = join(packageRoot, '.venv', 'bin', 'python');

/** Returns the repository's Python with some modules. `missing` says so where one is absent. */
export function python(...modules: string[]): {
  readonly run: (...args: string[]) => void;
  readonly missing: string | false;
} {
  const found = spawnSync(interpreter, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' });
  return {
    missing:
      found.status === 0 ? false : `Python with ${modules.join(', ')} in .venv, which 'npm test' sets up`,
    run: (...args) => {
      const { status, stderr } = spawnSync(interpreter, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    },
  };
}
