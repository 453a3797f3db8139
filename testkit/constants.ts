import type { SeamlessConstants } from '../src/nuclei/kernel.js';

/** Constants of a real model, so that tests see ridges where nuclei meet. */
export const constants: SeamlessConstants = {
  h: [-11669075405.416985, 8999721057.88307],
  v: [-12035602422.759962, 8657141426.150608],
  sobel: 21,
  marker: 0.4,
};
