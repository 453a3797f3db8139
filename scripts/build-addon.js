// `hoverslide build-addon`: compiles the addon where no prebuilt one fits this machine.
import { buildAddon } from './addon.js';

buildAddon();
