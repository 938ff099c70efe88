// Claims about what a trained model of two layers does when it runs, and what it cannot do when parts of it are taken away.
import { observe } from "../select";
import { type AnatomyClaim, claim, numbers } from "./judge";
import { byLayer } from "./weight-claims";

const ABLATION = "Olsson et al. 2022, Argument 3 (ablations)";

export const runClaims: readonly AnatomyClaim[] = [
  claim({
    id: "patched-keys",
    statement: "The last layer needs the first one for its keys, and for nothing else.",
    source: "Elhage et al. 2021, Mechanistic Analysis of Induction Heads; path patching is heed's own",
    expected:
      "of the embedding alone: keys give a loss of at least 3.5 and prefix matching of at most .2; queries cost at most .02, values .03",
    gate: "full",
    of: "two layers",
    judge: ({ patching }) => {
      if (!patching) return observe("not measured", false);
      const cost = (reading: "query" | "value") => patching[reading].known - patching.none.known;
      return observe(
        `keys ${patching.key.known.toFixed(2)} and ${patching.key.prefix.toFixed(3)}, queries ${cost("query").toFixed(4)}, values ${cost("value").toFixed(4)}`,
        patching.key.known >= 3.5 &&
          patching.key.prefix <= 0.2 &&
          cost("query") <= 0.02 &&
          cost("value") <= 0.03,
      );
    },
  }),
  claim({
    id: "few-virtual-heads",
    statement: "Paths through two heads say next to nothing by themselves: composition moves attention.",
    source: "Elhage et al. 2021, Term Importance Analysis",
    expected: "at most .03 of what all paths gain over the direct one",
    gate: "full",
    of: "two layers",
    judge: ({ orders: { upTo, firstLayer, lastLayer } }) => {
      const [direct, one, all] = upTo as [number, number, number]; // two layers
      const share = (one - all) / (direct - all);
      return observe(
        `${share.toFixed(4)}: ${numbers(upTo, 3)}; with one head of the first layer ${firstLayer.toFixed(2)}, of the last ${lastLayer.toFixed(2)}`,
        share <= 0.03,
      );
    },
  }),
  claim({
    id: "rests-on-first",
    statement: "A head of induction that finds nothing rests on the first token, which has little to say.",
    source: "Elhage et al. 2021, How Induction Heads Work",
    expected:
      "each head of the last layer, where nothing repeats: at least .35 of attention on the first token, whose value is at most a third as long as others",
    gate: "full",
    of: "two layers",
    judge: (metrics) => {
      const { last } = byLayer(metrics);
      const lengths = last.map(({ firstValue, otherValues }) => firstValue / otherValues);
      return observe(
        `${numbers(last.map(({ resting }) => resting))}, lengths ${numbers(lengths)}`,
        last.every(({ resting }) => resting >= 0.35) && lengths.every((length) => length <= 1 / 3),
      );
    },
  }),
  claim({
    id: "without-last-layer",
    statement: "Without the heads of induction nothing is learned in context.",
    source: ABLATION,
    expected: "in-context score within .4 of zero",
    gate: "full",
    of: "two layers",
    judge: ({ ablations }) => {
      if (!ablations) return observe("not measured", false);
      const { base, lastLayer } = ablations;
      return observe(
        `${lastLayer.full.inContext.toFixed(2)}, was ${base.inContext.toFixed(2)}`,
        Math.abs(lastLayer.full.inContext) <= 0.4,
      );
    },
  }),
  claim({
    id: "without-first-layer",
    statement: "The first layer is needed for the patterns of the last, not for what it says itself.",
    source: ABLATION,
    expected:
      "first layer silenced: in-context score changes by at most .2 with all patterns kept, and is at least -.2 without",
    gate: "full",
    of: "two layers",
    judge: ({ ablations }) => {
      if (!ablations) return observe("not measured", false);
      const { base, firstLayer } = ablations;
      const change = firstLayer.preserving.inContext - base.inContext;
      return observe(
        `${change.toFixed(3)} kept; ${firstLayer.full.inContext.toFixed(2)} without`,
        Math.abs(change) <= 0.2 && firstLayer.full.inContext >= -0.2,
      );
    },
  }),
  claim({
    id: "single-heads",
    statement:
      "Of single heads with patterns kept, those of the last layer matter and those of the first do not; with patterns free one of the first does.",
    source: ABLATION,
    expected:
      "rise of the loss, patterns kept: every head of the first layer at most .03, every one of the last more; patterns free: the main head of the first at least .5",
    gate: "full",
    of: "two layers",
    judge: ({ ablations }) => {
      if (!ablations) return observe("not measured", false);
      const { base, heads } = ablations;
      const rises = (layer: number, mode: "full" | "preserving") =>
        heads.filter((head) => head.layer === layer).map((head) => head[mode].known - base.known);
      const [first, last, free] = [rises(0, "preserving"), rises(1, "preserving"), rises(0, "full")];
      return observe(
        `first ${numbers(first, 3)}, last ${numbers(last)}, free ${numbers(free)}`,
        Math.max(...first) <= 0.03 && Math.min(...last) > Math.max(...first) && Math.max(...free) >= 0.5,
      );
    },
  }),
];
