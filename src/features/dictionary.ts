import { createHash } from 'node:crypto';
import { markdownTable } from 'markdown-table';
import { researchUse } from '../table/metadata.js';
import { allColumns, ownColumns } from './cohort-columns.js';
import { features } from './definitions/features.js';
import { type Feature, sections, type Section } from './feature.js';
import { disturbanceNames, disturbances, readRobustness, type Robustness } from './robustness.js';

/** What the dictionary says of a feature. */
function entry(feature: Feature, robustness: Robustness) {
  const { name, section, unit, definition, formula, source, log, roles, region, minimum, leans } = feature;
  return {
    name,
    section,
    unit,
    definition,
    formula,
    minimum: minimum.map(({ least, what }) => ({ least, what })),
    source,
    log1p: log,
    roles: [...roles],
    needs_tumour_region: region,
    in_regions: feature.inRegions,
    computed_twice: leans,
    interval: feature.interval,
    patient: feature.adds ? ('sum' as const) : ('mean weighted by tissue' as const),
    median_change: robustness[name] ?? null,
  };
}

/** Returns the hash of all definitions: results of others are made anew. */
export function definitionsHash(): string {
  return createHash('sha256')
    .update(JSON.stringify(features.map((each) => entry(each, {}))))
    .digest('hex');
}

/** Returns the data dictionary as JSON: of every column of the tables of features. */
export function dictionaryJson(): string {
  const robustness = readRobustness();
  const content = {
    use: researchUse,
    disturbances,
    columns: allColumns().map(({ name, unit, meaning }) => ({ name, unit, meaning })),
    features: features.map((feature) => entry(feature, robustness)),
  };
  return `${JSON.stringify(content, null, 1)}\n`;
}

/** Returns the data dictionary for people. */
export function dictionaryMarkdown(): string {
  const robustness = readRobustness();
  const parts = (Object.keys(sections) as Section[]).map((section) => {
    const own = features.filter((feature) => feature.section === section);
    const rows = own.map((feature) => [
      `\`${feature.name}\``,
      feature.unit,
      cell(feature.definition),
      cell(feature.formula),
      cell(needs(feature)),
      feature.log ? 'log1p' : '',
      change(feature, robustness[feature.name]),
      cell(feature.source),
    ]);
    const head = ['Feature', 'Unit', 'Definition', 'Formula', 'Needs', 'Study as', 'Change', 'Source'];
    return `## ${sections[section]}\n\n${markdownTable([head, ...rows])}\n`;
  });
  const own = Object.values(ownColumns).map(({ name, unit, meaning }) => [
    `\`${name}\``,
    unit,
    cell(meaning),
  ]);
  return `${introduction}\n${parts.join('\n')}\n## Other columns\n\n${markdownTable([['Column', 'Unit', 'Meaning'], ...own])}\n\nColumns of the manifest are as they were given.\n`;
}

const introduction = `# Features of a slide

<!-- Written by scripts/features.js from src/features/definitions: change it there. -->

**${researchUse}**

Only nuclei of quality \`ok\` count. Roles (tumour, epithelial, immune, stromal, dead) are what the classes of the model's
card mean; a feature of a role that the card does not have is absent. Where there is less than a feature needs, it has no
value, and the column \`<section>_reason\` says why: never 0 for what cannot be computed.

\`<feature>_lo\` and \`<feature>_hi\` are a 95 % interval: percentiles over resamples of the slide's blocks of 1 mm2 (199
by default, fixed seed; none below five blocks). It says how even the section is, not how right the model is.

_Change_ is how robust a feature was: its median change, in per cent of the value (of log2: in its unit), over so
many slides and fields as stand in brackets, when ${disturbanceNames.map((name) => `(${name}) ${disturbances[name]}`).join('; ')}. \`npm run bench robustness\` measures it.
`;

function needs({ minimum, roles, region }: Feature): string {
  return [
    ...(roles.length > 0 ? [`roles ${roles.join(', ')}`] : []),
    ...(region ? ['a tumour region'] : []),
    ...minimum.map(({ least, what }) => `${least} ${what}`),
  ].join('; ');
}

/** The measured changes, in per cent; of a logarithm in its unit. */
function change({ unit }: Feature, of: Robustness[string] | undefined): string {
  if (!of) return '';
  const scale = unit === 'log2' ? 1 : 100;
  const parts = disturbanceNames.flatMap((name) => {
    const value = of[name];
    return value === null ? [] : [`${name} ${value < 0.0005 ? 0 : Number((scale * value).toPrecision(2))}`];
  });
  return parts.length === 0 ? '' : `${parts.join(', ')} (of ${of.subjects})`;
}

/** Keeps a text from ending its cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
