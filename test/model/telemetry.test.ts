import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { scratchFolder } from '../../testkit/folder.js';

it('nothing is told to anybody: ONNX Runtime leaves no identifier of the machine behind', () => {
  const home = join(scratchFolder(), 'home');
  mkdirSync(home);
  // ONNX Runtime keeps still under CI by itself; here it must because it is told to.
  const quiet = { CI: undefined, ORT_DISABLE_TELEMETRY: undefined, ORT_RUNNING_UNIT_TESTS: undefined };
  const env = {
    ...process.env,
    ...quiet,
    GITHUB_ACTIONS: undefined,
    HOME: home,
    XDG_CACHE_HOME: join(home, '.cache'),
  };
  const program = join(packageRoot, 'bin', 'hoverslide.cjs');
  const { stdout, status } = spawnSync(process.execPath, [program, 'doctor'], { env, encoding: 'utf8' });
  assert.equal(status, 0);
  assert.match(stdout, /cpu +works/);
  assert.ok(!existsSync(join(home, '.cache', 'Microsoft')));
});
