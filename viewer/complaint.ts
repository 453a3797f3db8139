import type { SlideEntry } from '../src/view/messages.js';
import { h } from './dom.js';
import type { Address } from './list/list-page.js';
import { formatPlace, type Place, wholeList, wholeSlide } from './permalink.js';

/** What is shown in place of a page that cannot be: why, and the ways on. */
export class Complaint {
  readonly element: HTMLElement;
  readonly title: string;
  readonly #done = new AbortController();

  constructor(
    reason: string,
    place: Place,
    readonly address: Address,
    walk: readonly SlideEntry[],
  ) {
    const at = place.page === 'slide' ? walk.findIndex(({ key }) => key === place.key) : -1;
    const name = walk[at]?.id;
    this.title = `${name ?? 'not shown'} - hoverslide`;
    const ways = new Map<string, Place>([['u', wholeList]]);
    const around: [string, string, SlideEntry | undefined][] = [
      ['p', 'Previous slide', walk[at - 1]],
      ['n', 'Next slide', at < 0 ? undefined : walk[at + 1]],
    ];
    const links = [h('a', { href: formatPlace(wholeList) }, 'All slides')];
    for (const [key, text, slide] of around) {
      if (!slide) continue;
      ways.set(key, wholeSlide(slide.key));
      links.push(h('a', { href: formatPlace(wholeSlide(slide.key)) }, text));
    }
    this.element = h(
      'main',
      { class: 'complaint' },
      h('h1', {}, name === undefined ? 'This cannot be shown' : `${name} cannot be shown`),
      h('p', { role: 'alert' }, reason),
      h(
        'p',
        {},
        links.flatMap((link, k) => (k > 0 ? [' · ', link] : [link])),
      ),
    );
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const way = ways.get(event.key);
        if (way) address.open(way);
      },
      { signal: this.#done.signal },
    );
  }

  begin(): void {}

  /** Whatever is asked for next may be there by now. */
  take(): boolean {
    return false;
  }

  close(): void {
    this.#done.abort();
  }
}
