/** The package's API, the one that its own command uses. */
export { HoverslideError, exitCodes, type ErrorKind } from '../src/errors.js';
export { openModel, embeddedModel, type Model } from '../src/model/model.js';
export { openSlide, type Slide } from '../src/slide/slide.js';
export { NucleusTable, type Rows } from '../src/table/read.js';
export { openEngine, type Engine, type EngineOptions } from './engine/engine.js';
export type { SlideOptions } from './slide/prepare.js';
export { runSlide, type SlideObserver, type SlideResult } from './slide/run-slide.js';
