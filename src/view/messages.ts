// What the viewer's server and its page tell each other. All addresses are relative to the page's own. `<key>` stands for a slide.
//
//   GET  api/cohort                           CohortView
//   GET  api/slides/<key>                     SlideView
//   GET  api/slides/<key>/pixels/<level>/<x>_<y>   a tile of the slide's picture, JPEG; levels and places as in DZI
//   GET  api/slides/<key>/thumbnail           JPEG
//   GET  api/slides/<key>/layers/<name>       GeoJSON in level-0 px, FeatureCollection of polygons
// Below api/slides/<key>/nuclei/<edition>, which is answered with 409 once a run has replaced the nuclei of that edition:
//
//   GET  overlay             the directory (JSON, OverlayDirectory in src/overlay/layout.ts)
//   GET  overlay/<block>     a block as the file holds it, a Zstandard frame
//   GET  columns/<name>      ColumnView
//   GET  columns/<name>/<row group>   float32 little-endian, one per row; NaN where there is no value
//   GET  rows/<row>          RowView
//   GET  find?id=<UUID>      { row, x, y } of the nucleus, or 404
//   GET  density             PNG, for browsers without WebGL2: a pixel per cell of a density grid, from the slide's
//                            corner; ?level= of the grid in the directory (by default the finest of at most 2,048
//                            cells across), ?classes=1,2 by id (by default all)
//   POST selection           SelectionRequest -> SelectionView
//   POST selection/<format>  SelectionRequest -> the rows (csv, parquet, geojson; the last one with Content-Encoding: gzip)
//
// Errors: status 4xx or 5xx with { "error": "one line" }.

/** The list of slides. */
export interface CohortView {
  /** Name of the folder of results, without its path. */
  readonly name: string;
  /** Columns of the manifest, in its order. */
  readonly columns: readonly string[];
  readonly slides: readonly SlideEntry[];
  /** Key of the slide to open first, where the command named one. */
  readonly first?: string;
}

export interface SlideEntry {
  /** Stands for the slide in addresses: the same in every run of the server. */
  readonly key: string;
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'skipped' | 'failed';
  /** Why it failed or was skipped. */
  readonly reason?: string;
  /** Of a running slide, the share that is done. */
  readonly progress?: number;
  readonly nuclei?: number;
  readonly tissueMm2?: number;
  /** Counts by the name of the class. */
  readonly counts?: Readonly<Record<string, number>>;
  /** What of its quality needs a look, one line each. */
  readonly flags: readonly string[];
  readonly thumbnail: boolean;
  readonly manifest: Readonly<Record<string, string>>;
}

/** All that a page needs to show a slide. */
export interface SlideView {
  readonly key: string;
  readonly id: string;
  readonly state: SlideEntry['state'];
  /** Of level 0, in px. */
  readonly width: number;
  readonly height: number;
  /** Micrometres per level-0 px. */
  readonly mpp: number;
  /** Corner of what QuPath shows, in level-0 px: its coordinates count from there. */
  readonly origin: { readonly x: number; readonly y: number };
  /** Tiles of the slide's picture, or why there are none (the slide cannot be found, and how to say where it is). */
  readonly pixels: { readonly tileSize: number; readonly overlap: number } | { readonly missing: string };
  /** Absent where there is no table (yet), with the reason. The edition, 16 hex digits, is part of the nuclei's addresses. */
  readonly nuclei: { readonly count: number; readonly edition: string } | { readonly missing: string };
  readonly classes: readonly ClassView[];
  /** Columns of numbers that nuclei can be coloured by. */
  readonly columns: readonly ColumnName[];
  readonly layers: readonly { readonly name: string; readonly title: string; readonly color: string }[];
  readonly model?: { readonly name: string; readonly version: string };
  /** Version of hoverslide that found the nuclei. */
  readonly version?: string;
  readonly notices: readonly string[];
}

export interface ClassView {
  readonly id: number;
  readonly name: string;
  /** `#rrggbb`, as the model's card has it. */
  readonly color: string;
  readonly count: number;
}

export interface ColumnName {
  readonly name: string;
  readonly unit: string;
  readonly meaning: string;
}

export interface ColumnView extends ColumnName {
  readonly min: number;
  readonly max: number;
  /** Counts of nuclei in bins of equal width from `min` to `max`. */
  readonly histogram: readonly number[];
}

/** A row of the table, in its order. */
export interface RowView {
  readonly row: number;
  readonly values: readonly (ColumnName & { readonly value: string | number | null })[];
}

export interface SelectionRequest {
  /** Vertices in level-0 px; the last one is joined with the first. A centroid on the edge counts by the rule of `--roi`. */
  readonly polygon: readonly (readonly [x: number, y: number])[];
  /** Ids of classes; all by default. */
  readonly classes?: readonly number[];
  /** Bounds that are included themselves. */
  readonly thresholds?: readonly {
    readonly column: string;
    readonly min?: number;
    readonly max?: number;
  }[];
  /** Whether nuclei that are set aside count too; false by default. */
  readonly setAside?: boolean;
}

export interface SelectionView {
  readonly nuclei: number;
  /** Of the polygon, and of the tissue in it. */
  readonly areaMm2: number;
  readonly tissueMm2: number;
  readonly classes: readonly {
    readonly id: number;
    readonly name: string;
    readonly count: number;
    /** Per mm2 of tissue in the polygon; null where there is none. */
    readonly perMm2: number | null;
    /** Median of each measure; null without nuclei. */
    readonly medians: Readonly<Record<string, number | null>>;
  }[];
  /** Units of the medians. */
  readonly units: Readonly<Record<string, string>>;
}
