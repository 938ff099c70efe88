// Every value of the attention registries in one layer, forward and backward, and gated attention units: what a variant, position, index
// strategy, scale, mask or normaliser costs.
import { attentions } from "../../src/attention";
import { type Mask, type MaskName, masks } from "../../src/attention/mask";
import { normalizers } from "../../src/attention/normalizer";
import { completeOptions } from "../../src/attention/options";
import { positions } from "../../src/attention/position";
import { createPosition, placesOf } from "../../src/attention/position/placement";
import { indices } from "../../src/attention/position/strategy";
import { scales } from "../../src/attention/scale";
import { gauConfig } from "../../src/models/gau-config";
import { GauUnit } from "../../src/models/gau-unit";
import { namedParameters, namedTensors } from "../../src/nn/module";
import { Run } from "../../src/nn/run";
import { mean, multiply } from "../../src/ops/arithmetic";
import { normal } from "../../src/ops/random";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { scope, type Tensor } from "../../src/tensor/tensor";
import { applyLayer, type Choice, makeLayer } from "../../test/attention/layer";
import { attentionLayer } from "../../test/reference/attention-layer";
import { differentiate, type Twin } from "../../test/reference/compare";
import { gauUnit } from "../../test/reference/gau";
import { disagreement } from "../agreement";
import { Buffers } from "../buffers";
import { gauFlops, type LayerDims, layerFlops } from "../flops";
import type { Row, Suite } from "../row";
import { layers } from "../shapes";

const registries = {
  attention: attentions,
  position: positions,
  index: indices,
  scale: scales,
  mask: masks,
  normalizer: normalizers,
} as const;

/** What the others are while one of them varies. */
const USUAL = {
  attention: "dot-product",
  position: "none",
  index: "plain",
  scale: "inverse-sqrt",
  mask: "causal",
  normalizer: "softmax",
  /** Within the context of the layer that is checked. */
  prefix: 2,
} as const;
/** Of those that a gau is known with. */
const GAU_NORMALIZERS = ["relu2", "relu2-fixed", "relu2-normalized", "softmax", "softmax-plus"] as const;

/** The layer that is compared with float64. */
const CHECKED: LayerDims = { T: 6, C: 8, H: 2 };

/** A layer or unit to be timed, and what it must give. */
interface Subject {
  readonly tree: object;
  apply(x: Tensor): Tensor;
  readonly twin: Twin;
}

export const variants: Suite = {
  what: "one attention layer with every attention, position, index, scale, mask and normaliser there is, and gated units, forward and backward",
  rows: (size) => [
    ...Object.entries(registries).flatMap(([registry, entries]) =>
      Object.keys(entries).map((name) => layerRow(registry, name, layers[size])),
    ),
    layerRow("smear", "yes", layers[size]),
    ...GAU_NORMALIZERS.map((normalizer) => gauRow(normalizer, layers[size])),
  ],
};

function layerRow(registry: string, name: string, size: LayerDims): Row {
  const position = registry === "index" ? "rope" : USUAL.position;
  const subject = ({ T, C, H }: LayerDims): Subject => {
    const choice: Choice = { ...USUAL, position, [registry]: name, heads: H, kvHeads: H, bias: false };
    const model = makeLayer(choice, { width: C, context: T, deviation: 1 / Math.sqrt(C) });
    return {
      tree: model,
      apply: (x) => applyLayer(model, x),
      twin: (g, inputs) => attentionLayer(g, choice, inputs, { fused: true, context: T }).y,
    };
  };
  const attention = registry === "attention" ? name : USUAL.attention;
  const mask = registry === "mask" ? masks[name as MaskName] : masks[USUAL.mask]; // named by its registry
  return row(`${registry} ${name}`, size, layerFlops(attention, size, shownPairs(mask, size)), subject);
}

/** Pairs of a query and a source that it sees, on average over heads. */
function shownPairs(mask: Mask, { T, H }: LayerDims): number {
  const { window } = completeOptions("layer", {});
  let pairs = 0;
  for (let head = 0; head < H; head++)
    for (let query = 0; query < T; query++)
      for (let source = 0; source < T; source++)
        if (mask.allowed(query, source, { layer: 0, head, heads: H, window, prefix: USUAL.prefix })) pairs++;
  return pairs / H;
}

function gauRow(normalizer: (typeof GAU_NORMALIZERS)[number], size: LayerDims): Row {
  const subject = ({ T, C }: LayerDims): Subject => {
    const config = gauConfig({ vocabulary: 1, width: C, context: T, normalizer, position: "rope" });
    const tree = {
      layer: new GauUnit(config, { layer: 0, rng: rng(1) }),
      position: createPosition(config, { headWidth: config.keyWidth, deviation: 1, rng: rng(2) }),
    };
    const { layer, position } = tree;
    return {
      tree,
      apply: (x) => layer.apply(x, { run: new Run({}), position, places: placesOf(config, T) }),
      twin: (g, inputs) => gauUnit(g, config, inputs),
    };
  };
  return row(`gau ${normalizer}`, size, gauFlops(size), subject);
}

function row(kind: string, size: LayerDims, flops: number, subject: (size: LayerDims) => Subject): Row {
  return {
    kind,
    shape: `T ${size.T}, C ${size.C}, H ${size.H}`,
    work: { tokens: size.T, flops },
    bound: "arithmetic",
    prepare() {
      const buffers = new Buffers();
      const [full, small] = [size, CHECKED].map((dims) => benchLayer(subject(dims), dims)) as [
        BenchLayer,
        BenchLayer,
      ]; // of two
      for (const layer of [full, small]) {
        for (const x of namedTensors(layer.tree).values()) buffers.own(x);
        buffers.own(layer.x);
        buffers.own(layer.upstream);
      }
      return {
        run: () => scope(() => void full.differentiate()),
        warm: () => scope(() => void small.differentiate()),
        check: () => scope(() => checkLayer(small)),
        release: () => buffers.release(),
      };
    },
  };
}

interface BenchLayer extends Subject {
  readonly x: Tensor; // [1, T, C]
  readonly upstream: Tensor; // like x
  /** The gradients of mean(output upstream), by path and "x". */
  differentiate(listen?: (output: Tensor) => void): Map<string, Tensor>;
}

function benchLayer(subject: Subject, { T, C }: LayerDims): BenchLayer {
  const [x, upstream] = [3, 4].map((seed) => normal([1, T, C], { rng: rng(seed) }).keep()) as [
    Tensor,
    Tensor,
  ]; // of two
  const parameters = new Map([["x", x], ...namedParameters(subject.tree)]);
  return {
    ...subject,
    x,
    upstream,
    differentiate(listen) {
      const { gradients } = valueAndGradients(() => {
        const output = subject.apply(x);
        listen?.(output);
        return mean(multiply(output, upstream));
      }, [...parameters.values()]);
      return new Map([...parameters.keys()].map((path, i) => [path, gradients[i]!]));
    },
  };
}

function checkLayer(layer: BenchLayer): number {
  let y: ArrayLike<number> = [];
  const gradients = layer.differentiate((output) => {
    y = output.values();
  });
  const inputs = Object.fromEntries(
    [["x", layer.x] as const, ...namedTensors(layer.tree)].map(([path, x]) => [
      path,
      { shape: x.shape, values: x.values() },
    ]),
  );
  const dy = layer.upstream.values().map((value) => value / layer.upstream.size);
  const expected = differentiate(layer.twin, inputs, dy);
  const errors = [...gradients].map(([path, gradient]) =>
    disagreement(gradient.values(), expected.gradients[path]!),
  );
  return Math.max(disagreement(y, expected.y), ...errors);
}
