/** The package's API, the one that its own command uses. */
export { HoverslideError, exitCodes, type ErrorKind } from './errors.js';
export { openModel, embeddedModel, type Model } from './model/model.js';
export { openSlide, type Slide } from './slide/slide.js';
export { NucleusTable, type Rows } from './table/read.js';
export { openEngine, type Engine, type EngineOptions } from '../pipelines/engine.js';
export { runSlide, type SlideOptions, type SlideObserver, type SlideResult } from '../pipelines/slide.js';
