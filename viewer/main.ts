// The page: shows the list of slides, or one of them, as the address says.
import type { SlideEntry } from '../src/view/messages.js';
import * as api from './api.js';
import { Complaint } from './complaint.js';
import { fill } from './dom.js';
import { ListPage } from './list/list-page.js';
import { formatPlace, parsePlace, type Place, wholeSlide } from './permalink.js';
import { SlidePage } from './slide/slide-page.js';
import { restoreTheme } from './theme.js';
import { lineOf } from './format.js';

restoreTheme();
const root = document.getElementById('app')!;
let page: ListPage | SlidePage | Complaint | undefined;
/** The slides in the order in which they were last listed: n and p walk through them. */
let walk: readonly SlideEntry[] = [];
let opening = 0;

/** What pages may ask of the address. */
const address = {
  /** Goes to a place; the way back leads here. */
  open(place: Place) {
    location.hash = formatPlace(place);
  },
  /** Says where the page is by now, without a new entry in the history. A page that is being left has no more say. */
  note(place: Place) {
    if (sameThing(parsePlace(location.hash), place)) history.replaceState(null, '', formatPlace(place));
  },
};

function sameThing(a: Place, b: Place): boolean {
  if (a.page === 'slide' && b.page === 'slide') return a.key === b.key;
  return a.page === b.page;
}

async function show(): Promise<void> {
  const place = parsePlace(location.hash);
  const turn = ++opening; // also where nothing is opened: what was asked for before comes to nothing
  if (page?.take(place)) return;
  try {
    if (place.page === 'list' || walk.length === 0) {
      const cohort = await api.cohort();
      if (turn !== opening) return;
      walk = cohort.slides;
      if (cohort.first !== undefined && location.hash === '') {
        history.replaceState(null, '', formatPlace(wholeSlide(cohort.first)));
        return await show();
      }
      if (place.page === 'list') {
        turnTo(new ListPage(cohort, place, address, (slides) => (walk = slides)));
        return;
      }
    }
    if (place.page !== 'slide') return;
    const slide = await api.slide(place.key);
    if (turn !== opening) return;
    turnTo(new SlidePage(slide, place, address, walk, reopen));
  } catch (error) {
    if (turn !== opening) return;
    const reason = lineOf(error);
    turnTo(new Complaint(reason, place, address, walk));
  }
}

/** Shows the same place anew, since there is more of the slide by now. */
function reopen(): void {
  page?.close();
  page = undefined;
  void show();
}

function turnTo(next: ListPage | SlidePage | Complaint): void {
  page?.close();
  page = next;
  fill(root, next.element);
  document.title = next.title;
  next.begin();
}

window.addEventListener('hashchange', () => void show());
void show();
