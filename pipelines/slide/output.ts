import { rm } from 'node:fs/promises';
import { rolesOf } from '../../src/context/roles.js';
import { HoverslideError, errorLine } from '../../src/errors.js';
import { isThere, makeFolder, removeFolder, writeAtomically } from '../../src/files.js';
import type { NucleiBlock } from '../../src/nuclei/block.js';
import { selectRows } from '../../src/nuclei/select.js';
import { writeOverlay } from '../../src/overlay/write.js';
import { drawTissue } from '../../src/picture/draw-tissue.js';
import { writeExampleSheet } from '../../src/picture/example-sheet.js';
import { Examples } from '../../src/picture/examples.js';
import { Overview } from '../../src/picture/overview.js';
import { readThumbnail } from '../../src/slide/region.js';
import { tableClasses, type TableContext, type TableFacts } from '../../src/table/context.js';
import type { TableFormat } from '../../src/table/open.js';
import { qualityOf } from '../../src/table/quality.js';
import { writeRunRecord, type RunRecord } from '../../src/table/run-record.js';
import type { SlideFolder } from '../../src/table/slide-folder.js';
import { SummaryBuilder, writeSummary, type SlideSummary } from '../../src/table/summary.js';
import { tissueGeoJson } from '../../src/tissue/tissue-file.js';
import { packageVersion } from '../../src/version.js';
import type { Engine } from '../engine/engine.js';
import type { SlideTables } from '../engine/tables.js';
import { defaultInterval, featuresOfSlide } from '../features/features-of-slide.js';
import type { PreparedSlide } from './prepare.js';

/** Longest side of the overview in px. */
const overviewSide = 2048;

/**
 * All results of a slide: tables, summary.json, the pictures, tissue.geojson, what is made from the table, and run.json, the only file whose
 * bytes change from run to run. Nuclei are taken as they come, so that little is left to do after the last one. Results of an
 * earlier run stay whole until `finish` replaces them with the new ones.
 */
export class SlideOutput {
  readonly #summary: SummaryBuilder;
  readonly #overview: Promise<Overview>;
  readonly #examples: Examples;
  /** Busy seconds of the main thread. */
  #seconds = 0;

  private constructor(
    private readonly folder: SlideFolder,
    private readonly prepared: PreparedSlide,
    private readonly context: TableContext,
    private readonly tables: SlideTables,
  ) {
    this.#summary = new SummaryBuilder(context);
    this.#overview = drawOn(prepared, context);
    this.#examples = new Examples(context);
    this.#overview.catch(() => {}); // a failure is seen when the overview is needed
  }

  /**
   * Opens the tables in the folder of incoming results.
   * @throws HoverslideError `output` if a table cannot be written
   */
  static async open(
    folder: SlideFolder,
    prepared: PreparedSlide,
    engine: Engine,
    formats: readonly TableFormat[],
  ): Promise<SlideOutput> {
    const context = tableContext(prepared, engine);
    const facts = tableFacts(prepared, engine);
    const { incoming } = folder;
    await removeFolder(incoming.path); // left by a run that was killed
    await makeFolder(incoming.path);
    const files = formats.map((format) => ({ format, path: incoming.table(format) }));
    const tables = await engine.tables.open(files, facts, context);
    return new SlideOutput(folder, prepared, context, tables);
  }

  /**
   * Adds nuclei to the tables, the summary and the sheet of examples, and those that count to the overview.
   * @throws HoverslideError `output`; `input` if the slide cannot be read
   */
  async add(block: NucleiBlock): Promise<void> {
    await this.tables.write(block);
    const start = performance.now();
    this.#summary.add(block);
    this.#examples.add(block);
    const good = selectRows(block, (k) => qualityOf(block, k, this.context) === 'ok');
    (await this.#overview).add(good);
    this.#seconds += (performance.now() - start) / 1000;
  }

  /**
   * Finishes all files and replaces earlier results with them.
   * @param record gives the content of run.json, told the busy seconds of all this but what is made from the finished table
   * @param made whether to compute the slide's features too; told what cannot be made from the table, and why
   * @throws HoverslideError as `add`
   */
  async finish(
    cutBlobs: number,
    record: (seconds: number) => RunRecord,
    made: { readonly features: boolean; readonly failed: (what: string, reason: string) => void },
  ): Promise<SlideSummary> {
    const { prepared } = this;
    const { incoming } = this.folder;
    await this.tables.close();
    const start = performance.now();
    const summary = this.#summary.build({
      slide: prepared.id,
      tissueUm2: prepared.tissueUm2,
      cutBlobs,
      otherStainShare: prepared.otherStainShare,
      notices: prepared.notices,
    });
    const overview = await this.#overview;
    await overview.write(incoming.overview, this.#summary.counts);
    await overview.writeThumbnail(incoming.thumbnail);
    const rows = this.#examples.rows();
    const { slide, lattice } = prepared;
    if (rows.length > 0) await writeExampleSheet(incoming.examples, rows, slide, lattice.space);
    await writeAtomically(incoming.tissue, tissueGeoJson(slide, prepared.tissue));
    await writeSummary(incoming.summary, summary);
    await writeRunRecord(
      incoming.record,
      record(this.#seconds + this.tables.seconds + (performance.now() - start) / 1000),
    );
    if (made.features) await this.#features((reason) => made.failed('features', reason));
    await this.#overlay((reason) => made.failed('overlay for a viewer', reason));
    await this.folder.replaceResults();
    return summary;
  }

  /** Computes the slide's features from the table that was just written. Without them the results count all the same. */
  async #features(failed: (reason: string) => void): Promise<void> {
    const { incoming } = this.folder;
    if (rolesOf(tableClasses(this.context.classes)).length === 0) return; // no class means anything to them
    try {
      if (!(await isThere(incoming.table('parquet')))) {
        throw new HoverslideError(
          'usage',
          'they are made from the table in Parquet, which was not asked for',
        );
      }
      await featuresOfSlide(incoming, { interval: defaultInterval });
    } catch (error) {
      for (const file of [incoming.context, incoming.tiles, incoming.features])
        await rm(file, { force: true });
      failed(errorLine(error));
    }
  }

  /** Makes what a viewer draws from, where there is a table in Parquet. Without it the results count all the same. */
  async #overlay(failed: (reason: string) => void): Promise<void> {
    const { incoming } = this.folder;
    const table = incoming.table('parquet');
    if (!(await isThere(table))) return;
    await writeOverlay(table, this.prepared.lattice.space.scale, incoming.overlay).catch((error: unknown) =>
      failed(errorLine(error)),
    );
  }

  /** Removes what was written so far, so that nothing half-written stays. */
  async abort(): Promise<void> {
    await this.#overview.catch(() => {}); // it reads the slide, which is about to be closed
    await this.tables.abort();
    await removeFolder(this.folder.incoming.path).catch(() => {}); // the first error is the one to report
  }
}

async function drawOn({ slide, tissue }: PreparedSlide, context: TableContext): Promise<Overview> {
  const scale = Math.max(1, Math.max(slide.width, slide.height) / overviewSide);
  const picture = { ...(await readThumbnail(slide, scale)), x: 0, y: 0, scale };
  drawTissue(picture, tissue);
  return new Overview(picture, context);
}

/** Returns what rows of the slide's nuclei are made with. */
export function tableContext({ hash, lattice }: PreparedSlide, { model }: Engine): TableContext {
  const { classes, quality } = model.card;
  return { slideHash: hash, space: lattice.space, classes, quality };
}

/** Returns what the tables say of the slide and the model. */
export function tableFacts({ id, slide, hash, stain }: PreparedSlide, { model }: Engine): TableFacts {
  const { width, height, pixelSize, bounds } = slide;
  const { name, version, licence, classes } = model.card;
  return {
    slide: {
      id,
      hash,
      width,
      height,
      mpp: pixelSize.mpp,
      mpp_source: pixelSize.source,
      origin: { x: bounds.x, y: bounds.y },
    },
    model: { name, version, sha256: model.hash, licence },
    version: packageVersion,
    classes: tableClasses(classes),
    ...(stain && { stain_vectors: stain }),
  };
}
