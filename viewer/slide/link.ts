import type { Stage } from './stage.js';

/** Two stages that move together: as far in um, by the same factor. */
export class Link {
  linked = true;
  #moving = false;
  #last: ReturnType<Stage['where']>[];

  constructor(readonly stages: readonly [Stage, Stage]) {
    this.#last = stages.map((stage) => stage.where());
    for (const [index, stage] of stages.entries()) {
      stage.osd.addHandler('zoom', () => this.#follow(index));
      stage.osd.addHandler('pan', () => this.#follow(index));
    }
  }

  #follow(index: number): void {
    if (this.#moving) return;
    const [leader, follower] = [this.stages[index]!, this.stages[1 - index]!];
    const [before, now] = [this.#last[index]!, leader.where()];
    this.#last[index] = now;
    if (!this.linked) return;
    const there = follower.where();
    this.#moving = true;
    follower.go({
      x: there.x + ((now.x - before.x) * leader.slide.mpp) / follower.slide.mpp,
      y: there.y + ((now.y - before.y) * leader.slide.mpp) / follower.slide.mpp,
      mpp: there.mpp * (now.mpp / before.mpp),
    });
    this.#moving = false;
    this.#last[1 - index] = follower.where();
  }
}
