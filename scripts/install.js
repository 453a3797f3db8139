// npm's `install` step, in the checkout and where the package is installed: the addon and OpenSlide.
import { buildAddon } from './addon.js';
import { fetchOpenSlide } from './openslide.js';

buildAddon();
await fetchOpenSlide();
