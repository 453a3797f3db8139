import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { beforeAll, describe, it } from 'vitest';
import { reportCohort } from '../../pipelines/report/report-cohort.js';
import { packageRoot } from '../../src/package-root.js';
import { writeSlides } from '../../testkit/cohort-slides.js';
import { scratchFolder } from '../../testkit/folder.js';
import { needs } from '../../testkit/needs.js';
import { python } from '../../testkit/python.js';
import { runTest } from '../cohort/run.js';
import { writeModelWithRoles } from './results.js';

const scratch = scratchFolder();
const { missing } = python('pandas', 'pyarrow');

describe('the lines of Python in docs/biomarkers.md', needs(missing), () => {
  beforeAll(async () => {
    const folder = join(scratch, 'slides');
    await writeSlides(folder, 4);
    const manifest = join(folder, 'cohort.csv');
    await writeFile(
      manifest,
      'slide,patient,site\na.tif,P1,Leeds\nb.tif,P1,Leeds\nc.tif,P2,Lyon\nd.tif,P3,Lyon\n',
    );
    const model = await writeModelWithRoles(join(scratch, 'roles.onnx'));
    assert.equal((await runTest({ out: join(scratch, 'OUT'), manifest, model })).code, 0);
    await reportCohort(join(scratch, 'OUT'));
  });

  it('run on a cohort', () => {
    const docs = readFileSync(join(packageRoot, 'docs', 'biomarkers.md'), 'utf8');
    const code = /```python\n(.*?)```/s.exec(docs)![1]!;
    const check = `
assert list(features.id) == ["a", "b", "c", "d"]
assert abs(values.n_all[0] - np.log1p(6)) < 1e-12 and values.shape[1] > 60
assert list(patients.slides) == [2, 1, 1] and patients.n_all["P1"] == 12
`;
    const interpreter = join(packageRoot, '.venv', 'bin', 'python');
    const { status, stderr, stdout } = spawnSync(interpreter, ['-W', 'error', '-c', code + check], {
      cwd: scratch,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /tissue_mm2/);
  });
});
