// What `position-probe` claims: which combinations number equal tokens, by reason, by value and by training, and what the paper's tasks say.
import { log } from "../../math/log";
import type { Claim, Gate, Trial } from "../experiment";
import type { ProbeConfig, ProbeMetrics } from "../position-probe";
import { observe, where } from "../select";
import { shown } from "./lengths";
import { type Place, reasoned } from "./probe";
import type { ProbeLaws } from "./probe-laws";

type ProbeClaim = Claim<ProbeConfig, ProbeMetrics>;
type ProbeTrial = Trial<ProbeConfig, ProbeMetrics>;
type Words = Pick<ProbeClaim, "id" | "statement" | "source" | "expected">;

const ARTICLE = "Su 2022, kexue.fm/archives/9105";
const PAPER = "Luo et al. 2022, arXiv:2205.13401";

/** Float32 makes equal rows differ by less, over the largest logit. */
const BLIND = 1e-4;
/** In nats, below ln n. */
const AT_CHANCE = 1e-3;
const LEARNED = 0.02;

const number = ({ metrics }: ProbeTrial, name: string) => Number(metrics[name]);
const nameOf = ({ position, normalizer, mask, marked }: ProbeConfig) =>
  [position, normalizer, mask, ...(marked ? ["marked"] : [])].join(" ");

/** Trials of `constant` by combination, seeds together, without those between marks. */
function combinations(trials: readonly ProbeTrial[]): ProbeTrial[][] {
  const found = new Map<string, ProbeTrial[]>();
  for (const trial of where<ProbeConfig, ProbeMetrics>(trials, { part: "constant", marked: false })) {
    const name = nameOf(trial.config);
    found.set(name, [...(found.get(name) ?? []), trial]);
  }
  return [...found.values()];
}

function reason({ config, metrics }: ProbeTrial) {
  return reasoned(metrics.place as Place, config); // as probe.ts makes it
}

const byValue: ProbeClaim = {
  id: "by-value",
  statement:
    "Random weights tell equal tokens apart where positions reach the input, or the weights after the normaliser, or rows do not sum to one: nowhere else.",
  source: `${ARTICLE}; ${PAPER}, theorem 2`,
  expected: `rows of logits within ${BLIND} of one another for every seed where reason says no, farther apart for some seed where it says yes`,
  gate: "smoke",
  check(trials) {
    const all = combinations(trials);
    if (all.length === 0) return undefined;
    const largest = (seeds: readonly ProbeTrial[]) =>
      Math.max(...seeds.map((trial) => number(trial, "spread")));
    const no = all.filter(([first]) => first && reason(first) === "no").map(largest);
    const yes = all.filter(([first]) => first && reason(first) === "yes").map(largest);
    const text = [
      no.length > 0 && `${no.length} cannot: at most ${Math.max(...no).toExponential(1)}`,
      yes.length > 0 && `${yes.length} can: at least ${Math.min(...yes).toExponential(1)}`,
    ].filter((part) => part !== false);
    return observe(text.join("; "), no.every((s) => s <= BLIND) && yes.every((s) => s > BLIND));
  },
};

const byTraining: ProbeClaim = {
  id: "cannot-learn",
  statement: "What cannot tell equal tokens apart does not learn to, whatever the scheme.",
  source: `${ARTICLE}; ${PAPER}, theorem 2`,
  expected: `loss at least ln n - ${AT_CHANCE} nats and no label ahead in more than one place, every combination and seed`,
  gate: "smoke",
  check(trials) {
    const blind = combinations(trials).flatMap((seeds) => seeds.filter((trial) => reason(trial) === "no"));
    if (blind.length === 0) return undefined;
    const margins = blind.map((trial) => number(trial, "loss") - log(trial.config.n));
    const best = Math.max(...blind.map((trial) => number(trial, "accuracy") * trial.config.n));
    const least = Math.min(...margins);
    return observe(
      `${blind.length} trials, loss at least ln n ${least < 0 ? "-" : "+"} ${Math.abs(least).toExponential(1)}, ${Math.round(best)} right at most`,
      least >= -AT_CHANCE && best <= 1 + 1e-9,
    );
  },
};

/** A remedy numbers equal tokens in every seed. */
function remedy(id: string, statement: string, gate: Gate, wanted: Partial<ProbeConfig>): ProbeClaim {
  return {
    ...{ id, statement, source: `${ARTICLE}${wanted.position === "urpe" ? `; ${PAPER}` : ""}`, gate },
    expected: `loss at most ${LEARNED} nats and every label right, every seed`,
    check(trials) {
      const found = where<ProbeConfig, ProbeMetrics>(trials, {
        ...{ part: "constant", mask: "bidirectional", marked: false },
        ...wanted,
      });
      if (found.length === 0) return undefined;
      const losses = found.map((trial) => number(trial, "loss"));
      return observe(
        losses.map((loss) => loss.toExponential(1)).join(", "),
        losses.every((loss) => loss <= LEARNED) && found.every((trial) => number(trial, "accuracy") === 1),
      );
    },
  };
}

const remedies: readonly ProbeClaim[] = [
  remedy("urpe-numbers", "Factors by distance after softmax number equal tokens.", "full", {
    position: "urpe",
    normalizer: "softmax",
  }),
  remedy("l2-numbers", "So do rows of length one instead of sum one.", "full", {
    position: "rope",
    normalizer: "l2",
  }),
  remedy("no-denominator-numbers", "So do rows without a denominator.", "full", {
    position: "rope",
    normalizer: "none",
  }),
  remedy("relu2-numbers", "So do squared relus over n.", "full", { position: "rope", normalizer: "relu2" }),
  remedy("marks-number", "So does softmax between two tokens of their own.", "full", {
    ...{ position: "rope", normalizer: "softmax", marked: true },
  }),
  remedy("first-token-numbers", "A causal mask alone does it, after a token of its own.", "full", {
    ...{ position: "none", normalizer: "softmax", mask: "causal", marked: true },
  }),
];

const mirror: ProbeClaim = {
  id: "mirrored",
  statement:
    "A bias that is the same to the left and to the right leaves a token and its mirror image alike under any normaliser.",
  source: `own, after ${ARTICLE}; Ruoss et al. 2023, arXiv:2305.16843`,
  expected: `bidirectional: loss at least ln 2 - ${AT_CHANCE} nats, every such combination and seed`,
  gate: "full",
  check(trials) {
    const found = where<ProbeConfig, ProbeMetrics>(trials, {
      ...{ part: "constant", mask: "bidirectional", marked: false },
    }).filter(({ metrics }) => metrics.mirrored === true);
    if (found.length === 0) return undefined;
    const least = Math.min(...found.map((trial) => number(trial, "loss")));
    const names = [...new Set(found.map(({ config }) => config.position))].join(", ");
    return observe(`${names}: at least ${least.toFixed(4)}`, least >= log(2) - AT_CHANCE);
  },
};

const laws: ProbeClaim = {
  id: "equal-scores",
  statement:
    "Of equal scores, l2 rows sum to the root of what they see, a step as URPE's factor counts the tokens, and causal softmax gives a first token 1 / i.",
  source: `${ARTICLE}; ${PAPER}`,
  expected: "128 tokens, within 1e-5 of these",
  gate: "smoke",
  check(trials) {
    const found = where(trials, { part: "laws" })[0]?.metrics as ProbeLaws | undefined; // as probe-laws.ts makes it
    if (!found) return undefined;
    const { l2Both, l2Causal, counting, first } = found;
    const worst = Math.max(l2Both, l2Causal, counting, first);
    return observe(`within ${worst.toExponential(1)}`, worst <= 1e-5);
  },
};

/** Mean accuracies of the paper's tasks; nothing is known for certain of this size, so none decides. */
function task(
  words: Words,
  part: "identify" | "even",
  holds: (of: (name: string) => number) => boolean,
): ProbeClaim {
  return {
    ...words,
    gate: "none",
    check(trials) {
      const means = new Map<string, number[]>();
      for (const trial of where<ProbeConfig, ProbeMetrics>(trials, { part })) {
        const name = nameOf(trial.config);
        means.set(name, [...(means.get(name) ?? []), number(trial, "accuracy")]);
      }
      if (means.size < 4) return undefined;
      const text = [...means].map(([name, values]) => `${name} ${shown(values)}`).join("; ");
      const of = (name: string) => {
        const values = means.get(name) ?? [];
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      };
      return observe(text, holds(of));
    },
  };
}

const RELATIVE = "relative softmax bidirectional";
const REMEDIES = ["urpe softmax bidirectional", "rope l2 bidirectional", "rope softmax bidirectional marked"];

const tasks: readonly ProbeClaim[] = [
  task(
    {
      id: "identify",
      statement: "Random tokens are numbered with a remedy, and not with relative positions alone.",
      source: `${PAPER}, position identification, smaller`,
      expected: "mean accuracy of relative biases below 0.1, of every remedy above 0.9",
    },
    "identify",
    (of) => of(RELATIVE) < 0.1 && REMEDIES.every((name) => of(name) > 0.9),
  ),
  task(
    {
      id: "even-tokens",
      statement: "Every second token is found with a remedy, and not with relative positions alone.",
      source: `${PAPER}, even token prediction, smaller`,
      expected: "mean accuracy of relative biases below 0.2, of every remedy above 0.9",
    },
    "even",
    (of) => of(RELATIVE) < 0.2 && REMEDIES.every((name) => of(name) > 0.9),
  ),
];

export const probeClaims: readonly ProbeClaim[] = [byValue, byTraining, ...remedies, mirror, laws, ...tasks];
