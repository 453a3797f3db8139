import { h } from '../dom.js';
import type { Session } from './session.js';

/** What is to be said over the picture; nothing where all is as it should be. */
export function messagesOf({ slide, canDraw }: Session): HTMLElement[] {
  const { pixels, nuclei } = slide;
  const lines = [
    'missing' in pixels ? pixels.missing : undefined,
    'missing' in nuclei ? nuclei.missing : undefined,
    'count' in nuclei && !canDraw
      ? 'This browser has no WebGL2: nuclei are shown as counts, in a picture from the server.'
      : undefined,
  ].filter((line) => line !== undefined);
  return lines.length === 0
    ? []
    : [
        h(
          'div',
          { class: 'message', role: 'status' },
          lines.map((line) => h('p', {}, line)),
        ),
      ];
}
