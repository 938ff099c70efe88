// Every value of the attention registries in one layer, forward and backward: what a variant, position, scale, mask or normaliser costs.
import { attentions } from "../../src/attention";
import { masks } from "../../src/attention/mask";
import { normalizers } from "../../src/attention/normalizer";
import { positions } from "../../src/attention/position";
import { scales } from "../../src/attention/scale";
import { namedParameters, namedTensors } from "../../src/nn/module";
import { mean, multiply } from "../../src/ops/arithmetic";
import { normal } from "../../src/ops/random";
import { rng } from "../../src/tensor/rng";
import { valueAndGradients } from "../../src/tensor/tape";
import { scope, type Tensor } from "../../src/tensor/tensor";
import { applyLayer, type Choice, type Layer, makeLayer } from "../../test/attention/layer";
import { attentionLayer } from "../../test/reference/attention-layer";
import { differentiate } from "../../test/reference/compare";
import { disagreement } from "../agreement";
import { Buffers } from "../buffers";
import type { Row, Suite } from "../row";
import { layers } from "../shapes";

const registries = {
  attention: attentions,
  position: positions,
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
} as const;

interface LayerSize {
  readonly T: number;
  readonly C: number;
  readonly H: number;
}

/** The layer that is compared with float64. */
const CHECKED: LayerSize = { T: 6, C: 8, H: 2 };

export const variants: Suite = {
  what: "one attention layer with every attention, position, scale, mask and normaliser there is, forward and backward",
  rows: (size) =>
    Object.entries(registries).flatMap(([registry, entries]) =>
      Object.keys(entries).map((name) => variantRow(registry, name, layers[size])),
    ),
};

function variantRow(registry: string, name: string, size: LayerSize): Row {
  return {
    kind: `${registry} ${name}`,
    shape: `T ${size.T}, C ${size.C}, H ${size.H}`,
    work: { tokens: size.T },
    bound: "arithmetic",
    prepare() {
      const choose = (heads: number): Choice => ({
        ...USUAL,
        [registry]: name,
        heads,
        kvHeads: heads,
        bias: false,
      });
      const buffers = new Buffers();
      const full = benchLayer(choose(size.H), size);
      const small = benchLayer(choose(CHECKED.H), CHECKED);
      for (const layer of [full, small]) {
        for (const x of namedTensors(layer.model).values()) buffers.own(x);
        buffers.own(layer.x);
        buffers.own(layer.upstream);
      }
      return {
        run: () => scope(() => void full.differentiate()),
        warm: () => scope(() => void small.differentiate()),
        check: () => scope(() => checkLayer(small, choose(CHECKED.H))),
        release: () => buffers.release(),
      };
    },
  };
}

interface BenchLayer {
  readonly model: Layer;
  readonly x: Tensor; // [1, T, C]
  readonly upstream: Tensor; // like x
  /** The gradients of mean(output upstream), by path and "x". */
  differentiate(listen?: (output: Tensor) => void): Map<string, Tensor>;
}

function benchLayer(choice: Choice, { T, C }: LayerSize): BenchLayer {
  const model = makeLayer(choice, { width: C, context: T, deviation: 1 / Math.sqrt(C) });
  const [x, upstream] = [3, 4].map((seed) => normal([1, T, C], { rng: rng(seed) }).keep()) as [
    Tensor,
    Tensor,
  ]; // of two
  const parameters = new Map([["x", x], ...namedParameters(model)]);
  return {
    model,
    x,
    upstream,
    differentiate(listen) {
      const { gradients } = valueAndGradients(() => {
        const output = applyLayer(model, x);
        listen?.(output);
        return mean(multiply(output, upstream));
      }, [...parameters.values()]);
      return new Map([...parameters.keys()].map((path, i) => [path, gradients[i]!]));
    },
  };
}

function checkLayer(layer: BenchLayer, choice: Choice): number {
  let y: ArrayLike<number> = [];
  const gradients = layer.differentiate((output) => {
    y = output.values();
  });
  const inputs = Object.fromEntries(
    [["x", layer.x] as const, ...namedTensors(layer.model)].map(([path, x]) => [
      path,
      { shape: x.shape, values: x.values() },
    ]),
  );
  const dy = layer.upstream.values().map((value) => value / layer.upstream.size);
  const expected = differentiate(
    (g, grids) => attentionLayer(g, choice, grids, { fused: true, context: layer.model.context }).y,
    inputs,
    dy,
  );
  const errors = [...gradients].map(([path, gradient]) =>
    disagreement(gradient.values(), expected.gradients[path]!),
  );
  return Math.max(disagreement(y, expected.y), ...errors);
}
