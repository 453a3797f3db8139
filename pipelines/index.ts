/** The package's API. Its own command uses it too. */
export { HoverslideError, exitCodes, type ErrorKind } from '../src/errors.js';
export { embeddedModel } from '../src/model/embedded.js';
export { openModel, type Model } from '../src/model/model.js';
export type { ModelCard } from '../src/model/card.js';
export type { ProviderChoice } from '../src/model/provider.js';
export { openSlide, type OpenOptions, type Slide } from '../src/slide/slide.js';
export type { Level, Rect, RgbImage } from '../src/slide/binding.js';
export type { PixelSize } from '../src/slide/pixel-size.js';
export type { TableFormat } from '../src/table/open.js';
export { NucleusTable } from '../src/table/read.js';
export type { Rows } from '../src/table/rows.js';
export type { RunRecord } from '../src/table/run-record.js';
export { SlideFolder } from '../src/table/slide-folder.js';
export type { GroupSummary, SlideSummary } from '../src/table/summary.js';
export { openEngine, type Engine, type EngineOptions, type EngineSettings } from './engine/engine.js';
export type { SlideOptions } from './slide/prepare.js';
export {
  runSlide,
  type SlideObserver,
  type SlideProgress,
  type SlideResult,
  type SlideStage,
} from './slide/run-slide.js';
