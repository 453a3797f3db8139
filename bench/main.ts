// `npm run bench [name...]`: runs benchmarks one after the other, all of them by default, and writes bench/results.md.
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import { authorsVariable, benchAuthors } from './authors.js';
import { benchCohort } from './cohort.js';
import { benchCohortNet } from './cohort-net.js';
import { benchCosts } from './costs.js';
import { benchFeatures } from './features.js';
import { benchFeaturesPeers, peersVariable } from './features-peers.js';
import { benchGrowth } from './growth.js';
import { benchInt8 } from './int8.js';
import { benchMutants } from './mutants.js';
import { benchOverhead } from './overhead.js';
import { benchOverlay } from './overlay.js';
import { benchPlain } from './plain.js';
import { benchPlan } from './plan.js';
import { benchPostprocess } from './postprocess.js';
import { benchQuality } from './quality.js';
import { benchRepeats } from './repeats.js';
import { benchRobustness } from './robustness.js';
import { writeSection } from './results.js';
import { benchSaturation } from './saturation.js';
import type { BenchSection } from './section.js';
import { benchSoak } from './soak.js';
import { benchTable } from './table.js';
import { benchViewer } from './viewer.js';
import { benchViewServer } from './view-server.js';

const benchmarks: Readonly<Record<string, () => Promise<BenchSection>>> = {
  postprocess: benchPostprocess,
  overhead: benchOverhead,
  plain: benchPlain,
  growth: benchGrowth,
  soak: benchSoak,
  mutants: benchMutants,
  cohort: benchCohort,
  'cohort-net': benchCohortNet,
  saturation: benchSaturation,
  plan: benchPlan,
  costs: benchCosts,
  authors: benchAuthors,
  int8: benchInt8,
  quality: benchQuality,
  repeats: benchRepeats,
  robustness: benchRobustness,
  table: benchTable,
  features: benchFeatures,
  overlay: benchOverlay,
  'features-peers': benchFeaturesPeers,
  'view-server': benchViewServer,
  viewer: benchViewer,
};

/** Sections that need code of others, and the variable that says where that is. */
const needed: Readonly<Record<string, string>> = {
  authors: authorsVariable,
  'features-peers': peersVariable,
};

/** All, but those that need code of others where that is not at hand. */
function byDefault(): string[] {
  return Object.keys(benchmarks).filter((name) => {
    const variable = needed[name];
    if (variable === undefined || process.env[variable]) return true;
    console.log(`bench: ${name} is left out, ${variable} is not set`);
    return false;
  });
}

const names = process.argv.length > 2 ? process.argv.slice(2) : byDefault();
const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
if (unknown.length > 0) {
  console.error(`bench: expected ${Object.keys(benchmarks).join(', ')}, found ${unknown.join(', ')}`);
  process.exit(64);
}
for (const name of names) {
  console.log(`bench: ${name}`);
  const section = await benchmarks[name]!();
  console.table(section.rows);
  await writeSection(join(packageRoot, 'bench', 'results.md'), section);
}
