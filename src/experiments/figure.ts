// What a figure says, as plain data: experiments build these from their results, and the report decides how they look.

/** A titled plot. The caption says what to see, in a sentence or two. */
export interface Figure {
  readonly title: string;
  readonly caption: string;
  readonly plot: PlotSpec;
}

export type PlotSpec = LinePlot | BarPlot | HeatPlot | DotPlot | FramesPlot | AttentionPlot;

export interface Axis {
  /** Quantity and unit: "loss (nats per token)". */
  readonly label: string;
  /** Base-10 logarithmic. Points that are not above 0 cannot be shown; the report says how many. */
  readonly log?: boolean;
  /** Lowest and highest value shown; the default fits the data. */
  readonly domain?: readonly [number, number];
}

/** A labelled straight line across the plot, at a value of one axis. */
export interface Reference {
  readonly value: number;
  readonly label: string;
  /** The axis that `value` is on; "y", a horizontal line, when not given. */
  readonly axis?: "x" | "y";
}

/** `low` and `high` are the ends of an interval around y; a point that is not finite is a gap. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface Series {
  readonly name: string;
  /** In the order of x. */
  readonly points: readonly Point[];
  /** "line" (default); "faint" for raw values behind a smooth line; "points" for single measurements. */
  readonly look?: "line" | "faint" | "points";
  /** Name of the series whose colour and symbol this one takes: measured and expected belong together. */
  readonly like?: string;
}

/** A stretch of the x axis in grey, with its name at the top. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** Curves over x, with a band between `low` and `high` where a series has them. */
export interface LinePlot {
  readonly kind: "line";
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly references?: readonly Reference[];
  readonly spans?: readonly Span[];
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  /** Bars of one group stand together under its name. */
  readonly group?: string;
}

/** Horizontal bars, so that long names stay readable. References are vertical lines at a value. */
export interface BarPlot {
  readonly kind: "bar";
  readonly value: Axis;
  readonly bars: readonly Bar[];
  readonly references?: readonly Omit<Reference, "axis">[];
}

export type Cell = readonly [row: number, column: number];

/** A matrix of values: `values[row][column]`, null where there is none. */
export interface HeatPlot {
  readonly kind: "heat";
  /** What the columns and the rows are. */
  readonly x: string;
  readonly y: string;
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly values: readonly (readonly (number | null)[])[];
  /** Cells with a ring and with a dot in them; the caption says what these mean. */
  readonly ringed?: readonly Cell[];
  readonly dotted?: readonly Cell[];
  readonly value: {
    readonly label: string;
    readonly domain?: readonly [number, number];
    /** For signed values: white is 0, blue below, orange above. */
    readonly diverging?: boolean;
  };
}

/** A matrix that changes, a frame at a time under a slider: attention over training. */
export interface FramesPlot {
  readonly kind: "frames";
  /** What the columns and the rows are. */
  readonly x: string;
  readonly y: string;
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  /** What frames are counted in, like "step". */
  readonly frame: string;
  /** null where there is nothing: grey. */
  readonly frames: readonly {
    readonly name: string;
    readonly values: readonly (readonly (number | null)[])[];
  }[];
  readonly value: { readonly label: string; readonly domain: readonly [number, number] };
}

/** Attention over one sequence, to look through: all heads small, one of them large under mouse and keys. */
export interface AttentionPlot {
  readonly kind: "attention";
  readonly tokens: readonly string[];
  readonly heads: readonly HeadPattern[];
  /** Index of the head that is large at first; 0 when not given. */
  readonly first?: number;
  /** For each token the one whose logit `effects` are about, the next as a rule; "" where there is none. */
  readonly targets?: readonly string[];
}

export interface HeadPattern {
  readonly layer: number;
  readonly head: number;
  /** [T, T] in row-major order: row i is what token i attends to. */
  readonly weights: ArrayLike<number>;
  /** [T]: the lengths of the values; weights times these are what arrives (Elhage et al. 2021). */
  readonly valueNorms?: ArrayLike<number>;
  /** [T, T]: what source j adds through this head to the logit of the target of token i. */
  readonly effects?: ArrayLike<number>;
}

/** Measurements in the plane. `diagonal` adds the labelled line y = x. */
export interface DotPlot {
  readonly kind: "dot";
  readonly x: Axis;
  readonly y: Axis;
  readonly groups: readonly { readonly name: string; readonly points: readonly Dot[] }[];
  readonly references?: readonly Reference[];
  readonly diagonal?: string;
}

export interface Dot {
  readonly x: number;
  readonly y: number;
  /** A short name beside the dot. */
  readonly label?: string;
}
