// What a query sees, and what is added to its scaled products: places in sight, a relative bias, a mask over sources. Each is
// absent by default and then costs nothing.

/** Floats of room around the places of an expanded bias: panels reach 3 sources beyond the last and 7 queries. */
const MARGIN: i32 = 4;
const ROOM: i32 = 12;
/** Bytes of Terms. */
export const TERMS_BYTES: usize = 32;

/** The terms of one head, in the caller's workspace. Query i stands at place i + offset of the sources. */
@unmanaged
export class Terms {
  offset: i32;
  /** Sources before and behind its own place that a query sees. */
  before: i32;
  after: i32;
  /** Sources that count at all. */
  limit: i32;
  /** [sources] words, 0 where nobody sees the source; or 0. */
  mask: usize;
  /** From `expand_bias`, or 0: element place - source + first. */
  bias: usize;
  first: i32;
  /** The gradient of the expanded bias, or 0. */
  dbias: usize;
}

/** The terms of batch item b without a bias. counts: i32 per item, mask: [items, sources]; each may be 0. */
export function place_terms(
  at: usize,
  tokens: i32,
  sources: i32,
  before: i32,
  after: i32,
  counts: usize,
  mask: usize,
  b: i32,
): Terms {
  const terms = changetype<Terms>(at);
  terms.offset = sources - tokens;
  terms.before = min(before, tokens + sources);
  terms.after = min(after, tokens + sources);
  terms.limit = counts ? max(0, min(sources, load<i32>(counts + ((<usize>b) << 2)))) : sources;
  terms.mask = mask ? mask + ((<usize>(b * sources)) << 2) : 0;
  terms.bias = 0;
  terms.dbias = 0;
  terms.first = tokens - 1 + MARGIN;
  return terms;
}

/** First source that query i sees. */
export function first_source(terms: Terms, i: i32): i32 {
  return max(0, i + terms.offset - terms.before);
}

/** Behind the last source that query i sees; not above first_source when it sees none. */
export function end_source(terms: Terms, i: i32): i32 {
  return max(0, min(terms.limit, i + terms.offset + terms.after + 1));
}

/** Floats of an expanded bias. */
export function bias_floats(tokens: i32, sources: i32): i32 {
  return tokens + sources + ROOM;
}

/** to[place - source + first] = table[clip(source - place + zero)] for every distance: panels then read 4 queries at once. */
export function expand_bias(to: usize, table: usize, width: i32, zero: i32, tokens: i32, sources: i32): void {
  const first = tokens - 1 + MARGIN;
  for (let e = 0; e < bias_floats(tokens, sources); e++) {
    const index = max(0, min(width - 1, zero - (e - first)));
    store<f32>(to + ((<usize>e) << 2), load<f32>(table + ((<usize>index) << 2)));
  }
}

/** dtable += the gradient of an expanded bias. Distances that share an element are summed before they are added. */
export function fold_bias(
  dtable: usize,
  from: usize,
  width: i32,
  zero: i32,
  tokens: i32,
  sources: i32,
): void {
  const first = tokens - 1 + MARGIN;
  const floats = bias_floats(tokens, sources);
  let sum: f32 = 0;
  for (let e = 0; e < floats; e++) {
    sum += load<f32>(from + ((<usize>e) << 2));
    const index = zero - (e - first);
    if (e + 1 < floats && (index > width - 1 || index <= 0)) continue;
    const at = dtable + ((<usize>max(0, min(width - 1, index))) << 2);
    store<f32>(at, load<f32>(at) + sum);
    sum = 0;
  }
}

/** Adds the terms to scores [rows, 8] of queries i .. i + 7 and the sources from j on; what is not seen gets -inf. */
export function add_terms(scores: usize, terms: Terms, i: i32, j: i32, rows: i32): void {
  const place = i + terms.offset - j;
  if (terms.bias) add_bias(scores, bias_at(terms.bias, terms, i, j), rows);
  if (terms.mask) hide_sources(scores, terms.mask + ((<usize>j) << 2), rows);
  const hidden = f32x4.splat(-Infinity);
  // Lane l sees the rows from first + l to last + l.
  const last = place + terms.after;
  for (let r = max(0, last + 1); r < rows; r++) {
    const row = scores + ((<usize>r) << 5);
    const ahead = i32x4.splat(r - last);
    v128.store(row, v128.bitselect(v128.load(row), hidden, i32x4.ge_s(i32x4(0, 1, 2, 3), ahead)));
    v128.store(row, v128.bitselect(v128.load(row, 16), hidden, i32x4.ge_s(i32x4(4, 5, 6, 7), ahead)), 16);
  }
  const first = place - terms.before;
  for (let r = 0; r < min(rows, first + 7); r++) {
    const row = scores + ((<usize>r) << 5);
    const behind = i32x4.splat(r - first);
    v128.store(row, v128.bitselect(v128.load(row), hidden, i32x4.le_s(i32x4(0, 1, 2, 3), behind)));
    v128.store(row, v128.bitselect(v128.load(row, 16), hidden, i32x4.le_s(i32x4(4, 5, 6, 7), behind)), 16);
  }
}

/** Where an expanded bias, or its gradient, has the distance of query i and source j. Queries follow, sources go before. */
function bias_at(expanded: usize, terms: Terms, i: i32, j: i32): usize {
  return expanded + ((<usize>(i + terms.offset - j + terms.first)) << 2);
}

function add_bias(scores: usize, bias: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    v128.store(scores, f32x4.add(v128.load(scores), v128.load(bias)));
    v128.store(scores, f32x4.add(v128.load(scores, 16), v128.load(bias, 16)), 16);
    scores += 32;
    bias -= 4;
  }
}

function hide_sources(scores: usize, mask: usize, rows: i32): void {
  for (; rows > 0; rows--) {
    if (!load<i32>(mask)) {
      v128.store(scores, f32x4.splat(-Infinity));
      v128.store(scores, f32x4.splat(-Infinity), 16);
    }
    scores += 32;
    mask += 4;
  }
}

/**
 * The gradient of the expanded bias: dbias += dscores [rows, 8] of queries i .. and sources j ... The eight sums in flight move one
 * lane on with every row, so that each is added to memory once.
 */
export function add_bias_grad(dbias: usize, dscores: usize, terms: Terms, i: i32, j: i32, rows: i32): void {
  let at = bias_at(dbias, terms, i, j);
  const zero = f32x4.splat(0);
  let low = zero;
  let high = zero;
  for (; rows > 0; rows--) {
    const next = f32x4.add(low, v128.load(dscores));
    const done = f32x4.add(high, v128.load(dscores, 16));
    store<f32>(at, load<f32>(at, 28) + f32x4.extract_lane(done, 3), 28);
    high = v128.shuffle<f32>(next, done, 3, 4, 5, 6);
    low = v128.shuffle<f32>(zero, next, 3, 4, 5, 6);
    dscores += 32;
    at -= 4;
  }
  // Lane 0 is empty now, the others wait for queries that this panel does not have.
  v128.store(at, f32x4.add(v128.load(at), low));
  v128.store(at, f32x4.add(v128.load(at, 16), high), 16);
}

/** x: query i's scores of the sources from .. to - 1, all of them in its window, plus its other terms. The bias is given as a table. */
export function add_row_terms(
  x: usize,
  terms: Terms,
  i: i32,
  from: i32,
  to: i32,
  table: usize,
  width: i32,
  zero: i32,
): void {
  const place = i + terms.offset;
  if (table) {
    for (let j = from; j < to; j++) {
      const at = x + ((<usize>(j - from)) << 2);
      const index = max(0, min(width - 1, j - place + zero));
      store<f32>(at, load<f32>(at) + load<f32>(table + ((<usize>index) << 2)));
    }
  }
  if (!terms.mask) return;
  for (let j = from; j < to; j++) {
    if (load<i32>(terms.mask + ((<usize>j) << 2))) continue;
    store<f32>(x + ((<usize>(j - from)) << 2), -Infinity);
  }
}
