// Gated attention units and their normalisers where the answer is known: how large a fresh one's output is, what becomes of it when its
// weights grow, and what tokens that say nothing do to squared relus.

import { swishMoments } from "../../analysis/swish-moments";
import { type Normalizer, type NormalizerName, normalizers } from "../../attention/normalizer";
import { pow } from "../../math/pow";
import { namedParameters } from "../../nn/module";
import type { Rng } from "../../tensor/rng";
import { floats, scope, tensor } from "../../tensor/tensor";
import { mean } from "../select";
import { bareUnit } from "./bare-unit";

export type GauLaws = {
  /** E swish(X), E swish(X)^2 and (nu / mu)^4 of X from N(0, 1). */
  readonly mu: number;
  readonly nu2: number;
  readonly ratio: number;
  /** A fresh unit on 512 normal tokens: a token's weight on itself and on another, over the predictions; root mean square of the output. */
  readonly own: number;
  readonly other: number;
  readonly size: number;
  /** Distance from lambda^7 times the output, over its largest number, all weights times lambda = 2 and 3, where swish is a relu. */
  readonly sevenths: number;
  /** Largest distance of relu2-normalized weights of 3 S from those of S, and of softmax weights, which should be large. */
  readonly normalizedChange: number;
  readonly softmaxChange: number;
  /** Largest relative distance from n1 / n2 of relu2 weights after n2 - n1 scores of 0 are added, and from 1 of the fixed divisor's. */
  readonly lengthLaw: number;
  readonly fixedLaw: number;
  /** Largest change of softmax, softmax-plus and relu2 weights by masked scores. */
  readonly maskedChange: number;
  /** Weights of matrices in two units of width 768. */
  readonly parameters: number;
};

export function gauLaws(rng: Rng): GauLaws {
  const { mu, nu2, nu4 } = swishMoments();
  return {
    ...{ mu, nu2, ratio: pow(nu2 / (mu * mu), 2) },
    ...scope(() => fresh(rng.fork("fresh"), { mu, nu2, nu4 })),
    ...{ sevenths: scope(() => sevenths(rng.fork("sevenths"))), parameters: scope(() => matrices(rng)) },
    ...scope(rows),
  };
}

/** Width 256, 128 channels of queries and keys, 512 tokens. */
function fresh(rng: Rng, { mu, nu2, nu4 }: { mu: number; nu2: number; nu4: number }) {
  const [T, width, keyWidth] = [512, 256, 128];
  const draws = rng.fork("tokens");
  const x = Float32Array.from({ length: T * width }, () => draws.normal());
  const { y, weights } = bareUnit({ width, keyWidth, context: T }, rng).apply(x);
  let [own, whole] = [0, 0];
  weights.forEach((weight, i) => {
    whole += weight / T;
    if (i % (T + 1) === 0) own += weight / T;
  });
  // A token's own: (sum of s squares of swish)^2 / (n s), whose mean is that of the square and its variance.
  const ownExpected = ((keyWidth - 1) * nu2 * nu2 + nu4) / T;
  return {
    own: own / ownExpected,
    other: (whole - own) / (T - 1) / ((keyWidth * pow(mu, 4)) / T),
    size: Math.sqrt(mean(Array.from(y, (value) => value * value))),
  };
}

/** Each token sees one row of weights of 200 to 400 in size, where swish is x above 0 and nothing below. */
function sevenths(rng: Rng): number {
  const [width, T] = [6, 6];
  const x = Array.from({ length: T * width }, (_, i) => (i % width === Math.floor(i / width) ? 1 : 0));
  const outputs = [1, 2, 3].map((factor) => {
    const { unit, apply } = bareUnit({ width, keyWidth: 4, context: T }, rng);
    for (const [path, w] of namedParameters(unit)) {
      if (!path.endsWith("weight")) continue;
      const draws = rng.fork(path);
      floats(w).set(
        Float32Array.from({ length: w.size }, () => {
          const value = 2 * draws.uniform() - 1;
          return factor * (Math.sign(value) * 200 + 200 * value);
        }),
      );
    }
    return apply(x).y;
  });
  const once = Array.from(outputs[0]!);
  const distances = [2, 3].map((factor, i) => {
    const wanted = once.map((value) => pow(factor, 7) * value);
    const away = wanted.map((value, c) => Math.abs(outputs[i + 1]![c]! - value));
    return Math.max(...away) / Math.max(...wanted.map(Math.abs));
  });
  return Math.max(...distances);
}

const SCORES = 8;

/** Of scores from -1 to 2.5. */
function rows() {
  const scores = Array.from({ length: SCORES }, (_, i) => i / 2 - 1);
  const apply = (name: NormalizerName, logits: readonly number[], seen = logits.length) => {
    const { apply }: Normalizer = normalizers[name];
    const row = tensor(logits, [1, 1, 1, logits.length]);
    return apply(row, { perRow: (f) => tensor([f(seen)]), trained: SCORES }).values();
  };
  const change = (a: Float32Array, b: Float32Array) =>
    Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
  const tripled = (name: NormalizerName) =>
    change(
      apply(
        name,
        scores.map((s) => 3 * s),
      ),
      apply(name, scores),
    );
  const lengths = [16, 64, 512];
  const followed = (name: NormalizerName, law: (n: number) => number) =>
    Math.max(
      ...lengths.flatMap((n) => {
        const longer = apply(name, [...scores, ...new Array<number>(n - SCORES).fill(0)]);
        return Array.from(apply(name, scores), (value, i) =>
          value > 0 ? Math.abs(longer[i]! / (law(n) * value) - 1) : 0,
        );
      }),
    );
  const hidden = [...scores, ...new Array<number>(24).fill(Number.NEGATIVE_INFINITY)];
  return {
    normalizedChange: tripled("relu2-normalized"),
    softmaxChange: tripled("softmax"),
    lengthLaw: followed("relu2", (n) => SCORES / n),
    fixedLaw: followed("relu2-fixed", () => 1),
    maskedChange: Math.max(
      ...(["softmax", "softmax-plus", "relu2"] as const).map((name) =>
        change(apply(name, scores), apply(name, hidden, SCORES)),
      ),
    ),
  };
}

/** 3 d e + d s each, e = 1536 and s = 128. */
function matrices(rng: Rng): number {
  const { unit } = bareUnit({ width: 768, innerWidth: 1536, keyWidth: 128 }, rng);
  return (
    2 *
    [...namedParameters(unit).values()].reduce(
      (sum, { shape, size }) => sum + (shape.length > 1 ? size : 0),
      0,
    )
  );
}
