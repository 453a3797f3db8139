import type { Session } from './session.js';

/** For tests and benchmarks: what the last frame drew, and whether something is still to come. */
export function expose(session: Session, beside: () => Session | undefined): void {
  Object.assign(window, {
    hoverslide: {
      get frame() {
        return session.overlay?.frame;
      },
      get busy() {
        return session.overlay?.busy ?? true;
      },
      get where() {
        return session.stage.where();
      },
      get beside() {
        return beside()?.stage.where();
      },
    },
  });
}
