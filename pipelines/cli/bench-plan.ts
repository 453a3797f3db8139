import { cpus } from 'node:os';
import { ownedCores } from '../../src/machine.js';
import { openCohort } from '../cohort/open-cohort.js';
import { planCohort, secondsOn } from '../cohort/plan.js';
import { engineOptions, type EngineFlags } from './engine-options.js';

export interface PlanFlags extends EngineFlags {
  readonly seconds?: number;
  readonly nodes: number;
  readonly json?: boolean;
}

/** Says what a cohort will take on this machine, and on several like it. */
export async function benchPlan(given: string, flags: PlanFlags): Promise<void> {
  const { nodes, json, seconds = 60, model } = flags;
  const isManifest = given.toLowerCase().endsWith('.csv');
  const cohort = await openCohort({
    slides: isManifest ? [] : [given],
    manifest: isManifest ? given : undefined,
    model,
  });
  const say = (line: string) => {
    if (!json) console.log(line);
  };
  for (const notice of cohort.notices) process.stderr.write(`hoverslide: ${notice}\n`);
  say(`${cohort.slides.length} slides on ${ownedCores()} cores of ${cpus()[0]?.model ?? process.arch}`);
  const plan = await planCohort(cohort, engineOptions(flags), seconds, ({ slide, problem }) => {
    if (problem !== undefined) say(`  ${slide.id}: would fail: ${problem}`);
  });
  const hours = (time: number) => Number((time / 3600).toFixed(json ? 7 : 4));
  const slides = plan.slides.map(({ slide, patches, tissueMm2, problem, seconds: time }) => ({
    slide: slide.id,
    tissue_mm2: Number(tissueMm2.toFixed(3)),
    patches,
    hours: hours(time),
    ...(problem !== undefined && { problem }),
  }));
  const all = plan.slides.reduce((sum, each) => sum + each.seconds, 0);
  const speed = Object.fromEntries(
    [...plan.rates].map(([path, rate]) => [cohort.models.get(path)!.card.name, Number(rate.toFixed(2))]),
  );
  const hoursOfNodes = hours(secondsOn(nodes, plan));
  if (json) {
    console.log(
      JSON.stringify({
        slides,
        patches_per_second: speed,
        hours: hours(all),
        nodes,
        hours_on_nodes: hoursOfNodes,
      }),
    );
    return;
  }
  console.table(slides.filter(({ patches }) => patches > 0));
  for (const [name, rate] of Object.entries(speed)) say(`${name}: ${rate} patches/s`);
  say(`in all ${hours(all)} hours on this machine`);
  if (nodes > 1)
    say(`${hoursOfNodes} hours on ${nodes} machines like this one, each with --shard i/${nodes}`);
}
