// The logits of a trained model as sums: over paths, over heads, and by the number of heads that a path goes through.
import { allHeads, type Circuits, fullOv, type HeadPlace } from "../../analysis/circuits";
import { type Matrix, matrix, plus, product, rowOf } from "../../analysis/matrix";
import { type FrozenPatterns, logitsByOrder, pathTerms } from "../../analysis/paths";
import { skipTrigramFactoring } from "../../analysis/skip-trigrams";
import type { AttentionOnly } from "../../models/attention-only";
import { tokenLosses } from "../../ops/crossentropy";
import { ids, scope, tensor } from "../../tensor/tensor";
import { mean } from "../select";
import type { AnatomyTask } from "./task";
import { frozenPatterns, part, type Watched, watch } from "./watch";

/** Largest distances from the logits of a run, relative to the largest logit or to 1. */
export type ExpansionErrors = {
  /** Of the sum over paths. */
  readonly paths: number;
  /** Of the direct path and what each head adds to the target's logit. */
  readonly heads: number;
  readonly largestLogit: number;
};

/** Mean nats of all targets. */
export type OrderLosses = {
  /** With paths through at most 0, 1, ... heads. */
  readonly upTo: readonly number[];
  /** With the direct path and those through one head of the first, or of the last layer. */
  readonly firstLayer: number;
  readonly lastLayer: number;
};

export type FactoringCheck = {
  readonly wrongSigns: number;
  readonly ratioError: number;
};

const SEQUENCES = 4;
/** A source, and how many of the tokens that attend to it most are compared. */
const SOURCE = 3;
const DESTINATIONS = 4;

export function expansionErrors(
  model: AttentionOnly,
  circuits: Circuits,
  task: AnatomyTask,
): ExpansionErrors {
  const runs = rowsOf(task, SEQUENCES).map(({ tokens, targets }) => {
    const run = watch(model, tokens);
    const largestLogit = Math.max(1, ...run.logits.map(Math.abs));
    const terms = [...pathTerms(circuits, tokens, run.patterns)].map(({ logits }) => logits);
    const summed = terms.reduce((sum, term) => plus(sum, term));
    return {
      paths: largest(summed.values.map((value, at) => value - run.logits[at]!)) / largestLogit,
      heads: largest(attributionErrors(model, circuits, run, targets)) / largestLogit,
      largestLogit,
    };
  });
  const most = (name: keyof ExpansionErrors) => Math.max(...runs.map((run) => run[name]));
  return { paths: most("paths"), heads: most("heads"), largestLogit: most("largestLogit") };
}

/** Losses of sums of paths, patterns as the model has them. */
export function orderLosses(model: AttentionOnly, circuits: Circuits, task: AnatomyTask): OrderLosses {
  const last = model.config.layers - 1;
  const rows = rowsOf(task, task.held.batch).map(({ tokens, targets }) => {
    const patterns = frozenPatterns(model, tokens);
    const losses = (chosen?: (head: HeadPlace) => boolean) => {
      let sum: Matrix | undefined;
      return logitsByOrder(circuits, tokens, patterns, chosen).map((logits) => {
        sum = sum ? plus(sum, logits) : logits;
        return meanLoss(sum, targets);
      });
    };
    return {
      upTo: losses(),
      firstLayer: losses(({ layer }) => layer === 0)[1]!, // there is a layer
      lastLayer: losses(({ layer }) => layer === last)[1]!,
    };
  });
  return {
    upTo: Array.from({ length: model.config.layers + 1 }, (_, order) =>
      mean(rows.map(({ upTo }) => upTo[order]!)),
    ),
    firstLayer: mean(rows.map((row) => row.firstLayer)),
    lastLayer: mean(rows.map((row) => row.lastLayer)),
  };
}

/** Whether what one source adds to the logits falls apart into attention and output: all heads of a first layer, the worst of them. */
export function factoringCheck(model: AttentionOnly, circuits: Circuits, task: AnatomyTask): FactoringCheck {
  const [{ tokens }] = rowsOf(task, 1) as [Row]; // one was asked for
  const patterns = frozenPatterns(model, tokens);
  const checks = circuits.layers[0]!.map((head) => {
    const destinations = attending(patterns[0]![head.head]!, tokens.length);
    const cut = withoutSource(patterns, head.head, destinations);
    const [whole, rest] = [patterns, cut].map((frozen) =>
      [...pathTerms(circuits, tokens, frozen)]
        .map(({ logits }) => logits)
        .reduce((sum, term) => plus(sum, term)),
    ) as [Matrix, Matrix];
    const effects = plus(whole, rest, -1);
    const rows = matrix(DESTINATIONS, effects.columns);
    for (const [row, destination] of destinations.entries())
      rowOf(rows, row).set(rowOf(effects, destination));
    return skipTrigramFactoring(rows, fullOv(circuits, head).row(tokens[SOURCE]!));
  });
  return {
    wrongSigns: checks.reduce((sum, { wrongSigns }) => sum + wrongSigns, 0),
    ratioError: Math.max(...checks.map(({ ratioError }) => ratioError)),
  };
}

interface Row {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
}

function rowsOf({ held: { inputs, targets, context } }: AnatomyTask, count: number): Row[] {
  return Array.from({ length: count }, (_, row) => {
    const [start, end] = [row * context, (row + 1) * context];
    return { tokens: inputs.subarray(start, end), targets: targets.subarray(start, end) };
  });
}

/** Logit of each target minus the direct path and z W_O W_U of every head as the run had it. */
function attributionErrors(
  { config }: AttentionOnly,
  circuits: Circuits,
  { tokens, mixed, logits }: Watched,
  targets: Int32Array,
): Float64Array {
  const { embedding, unembedding } = circuits;
  const writes = allHeads(circuits).map((head) => ({
    ...head,
    toLogits: product(head.ov.right, unembedding),
  }));
  return Float64Array.from(targets, (target, at) => {
    const embedded = matrix(1, embedding.columns, rowOf(embedding, tokens[at]!));
    const direct = product(embedded, unembedding).values[target]!;
    const added = writes.map(({ layer, head, toLogits }) => {
      const z = part(mixed[layer]!, at, head, config);
      return z.reduce((sum, value, d) => sum + value * toLogits.values[d * toLogits.columns + target]!, 0);
    });
    return added.reduce((sum, value) => sum + value, direct) - logits[at * unembedding.columns + target]!;
  });
}

/** The tokens that attend to the source most: what of it a difference of logits can show. */
function attending(pattern: ArrayLike<number>, T: number): number[] {
  return Array.from({ length: T - SOURCE - 1 }, (_, i) => SOURCE + 1 + i)
    .sort((a, b) => pattern[b * T + SOURCE]! - pattern[a * T + SOURCE]!)
    .slice(0, DESTINATIONS);
}

/** The patterns without what goes from the source to the destinations through one head. */
function withoutSource(
  patterns: FrozenPatterns,
  head: number,
  destinations: readonly number[],
): FrozenPatterns {
  const cut = Float64Array.from(patterns[0]![head]!);
  const T = Math.sqrt(cut.length);
  for (const destination of destinations) cut[destination * T + SOURCE] = 0;
  return [patterns[0]!.map((pattern, at) => (at === head ? cut : pattern))];
}

function meanLoss({ rows, columns, values }: Matrix, targets: Int32Array): number {
  return scope(() =>
    mean(Array.from(tokenLosses(tensor(values, [rows, columns]), ids(targets)).losses.values())),
  );
}

function largest(values: Float64Array): number {
  return Math.max(...values.map(Math.abs));
}
