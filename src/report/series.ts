// What is done to a series of points before it is drawn: how far it reaches, smoothing, and thinning that keeps the extremes.
import type { Point } from "../experiments/figure";

/** The lowest and the highest of as many as there are: a call of Math.min takes no more than some hundred thousand. */
export function extremes(values: readonly number[]): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** The mean over up to `window` points around each point: no lag, unlike a running average. Points that are not finite are left out. */
export function smooth(points: readonly Point[], window: number): Point[] {
  const finite = points.filter(({ y }) => Number.isFinite(y));
  const reach = Math.floor(window / 2);
  const sums = new Float64Array(finite.length + 1);
  finite.forEach(({ y }, index) => {
    sums[index + 1] = sums[index]! + y;
  });
  return finite.map(({ x }, index) => {
    // Early on, where curves are steep, both sides shrink alike; at the end, where they are flat, the window leans inwards.
    const from = index - Math.min(reach, index);
    const to = Math.min(index + Math.min(reach, index), finite.length - 1) + 1;
    return { x, y: (sums[to]! - sums[from]!) / (to - from) };
  });
}

/** At most about `most` of the points: of every stretch the lowest and the highest, in order. Few points are returned as they are. */
export function thin(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const stretch = Math.ceil((2 * points.length) / most);
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const part = points.slice(start, start + stretch);
    const low = part.reduce((best, point) => (point.y < best.y ? point : best));
    const high = part.reduce((best, point) => (point.y > best.y ? point : best));
    kept.push(...(low === high ? [low] : low.x <= high.x ? [low, high] : [high, low]));
  }
  return kept;
}

/** `most` items at most, evenly spaced, the first and the last among them. */
export function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, index) => items[Math.round((index * (items.length - 1)) / (most - 1))]!,
  );
}
