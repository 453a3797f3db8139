// What stands in the address behind the `#`: enough to come back to the same view, and no path of any file.
//
//   #/                                     the list; q, state, flagged, sort
//   #/slide/<key>?x=..&y=..&mpp=..         a slide; x, y in level-0 px of the middle, mpp of the screen

export type Point = readonly [x: number, y: number];

export interface ListPlace {
  readonly page: 'list';
  readonly search: string;
  readonly state: string;
  readonly flagged: boolean;
  /** Column, with a minus before it for descending order. */
  readonly sort: string;
}

export interface SlidePlace {
  readonly page: 'slide';
  readonly key: string;
  /** Absent: the whole slide. */
  readonly middle?: { readonly x: number; readonly y: number; readonly mpp: number };
  /** Ids of the classes that are not shown. */
  readonly hidden: readonly number[];
  readonly setAside: boolean;
  readonly column?: string;
  readonly min?: number;
  readonly max?: number;
  readonly selection?: readonly Point[];
  /** The slide beside it. */
  readonly beside?: string;
}

export type Place = ListPlace | SlidePlace;

export const wholeList: ListPlace = { page: 'list', search: '', state: '', flagged: false, sort: '' };

export const wholeSlide = (key: string): SlidePlace => ({ page: 'slide', key, hidden: [], setAside: false });

/** Reads an address; what cannot be read is left out. */
export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2);
  const values = new URLSearchParams(query);
  const key = /^\/slide\/(.+)$/.exec(path)?.[1];
  if (key === undefined) {
    return {
      page: 'list',
      search: values.get('q') ?? '',
      state: values.get('state') ?? '',
      flagged: values.has('flagged'),
      sort: values.get('sort') ?? '',
    };
  }
  const number = (name: string) => {
    const text = values.get(name);
    const value = Number(text);
    return text === null || text === '' || !Number.isFinite(value) ? undefined : value;
  };
  const [x, y, mpp] = [number('x'), number('y'), number('mpp')];
  const [min, max] = [number('min'), number('max')];
  const column = values.get('column');
  const beside = values.get('beside');
  const selection = parsePolygon(values.get('selection'));
  return {
    page: 'slide',
    key: safeDecode(key),
    ...(x !== undefined && y !== undefined && mpp !== undefined && mpp > 0 ? { middle: { x, y, mpp } } : {}),
    hidden: (values.get('hide') ?? '').split(',').flatMap((id) => (/^\d+$/.test(id) ? [Number(id)] : [])),
    setAside: values.has('aside'),
    ...(column ? { column } : {}),
    ...(column && min !== undefined ? { min } : {}),
    ...(column && max !== undefined ? { max } : {}),
    ...(selection ? { selection } : {}),
    ...(beside ? { beside } : {}),
  };
}

export function formatPlace(place: Place): string {
  const values: [string, string | number][] = [];
  if (place.page === 'list') {
    if (place.search) values.push(['q', place.search]);
    if (place.state) values.push(['state', place.state]);
    if (place.flagged) values.push(['flagged', '']);
    if (place.sort) values.push(['sort', place.sort]);
    return `#/${queryOf(values)}`;
  }
  const { key, middle, hidden, setAside, column, min, max, selection, beside } = place;
  if (middle) {
    values.push(['x', middle.x.toFixed(1)], ['y', middle.y.toFixed(1)], ['mpp', middle.mpp.toPrecision(6)]);
  }
  if (hidden.length > 0) values.push(['hide', hidden.join(',')]);
  if (setAside) values.push(['aside', '']);
  if (column !== undefined) values.push(['column', column]);
  if (min !== undefined) values.push(['min', min]);
  if (max !== undefined) values.push(['max', max]);
  if (selection) values.push(['selection', selection.map((point) => point.join(',')).join(';')]);
  if (beside !== undefined) values.push(['beside', beside]);
  return `#/slide/${encodeURIComponent(key)}${queryOf(values)}`;
}

function queryOf(values: readonly [string, string | number][]): string {
  if (values.length === 0) return '';
  const readable = (value: string | number) =>
    encodeURIComponent(value).replace(/%2C/g, ',').replace(/%3B/g, ';');
  return `?${values.map(([name, value]) => (value === '' ? name : `${name}=${readable(value)}`)).join('&')}`;
}

function parsePolygon(text: string | null): Point[] | undefined {
  const points = (text ?? '').split(';').map((point) => point.split(',').map(Number));
  const whole = points.every((point) => point.length === 2 && point.every(Number.isFinite));
  return whole && points.length >= 3 ? points.map(([x, y]) => [x!, y!] as const) : undefined;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
