// The residual stream is the sum of its parts, in every kind of model whose blocks add to it.
import { describe, expect, test } from "vitest";
import { probe } from "../../src/analysis/probe";
import { residualStream } from "../../src/analysis/stream";
import { scope } from "../../src/tensor/tensor";
import { distance } from "../reference/compare";
import { aloneOf, C, gauOf, gptOf, others, streaming, T, tokens } from "./models";

describe.each(streaming)("%s", (_, make) => {
  test("the parts sum to the stream before every block and at the end", () => {
    scope(() => {
      const model = make();
      const { layers } = model.config;
      const sequences = [tokens, others];
      for (let block = 0; block <= layers; block++) {
        const { parts, whole, ...sizes } = residualStream(model, sequences, block);
        expect(sizes).toEqual({ B: 2, T, C });
        const sum = Float64Array.from(whole, (_, i) =>
          parts.reduce((total, { data }) => total + data[i]!, 0),
        );
        expect(distance(sum, whole)).toBeLessThan(5e-6 * Math.max(...whole.map(Math.abs)));
        const path = block < layers ? `blocks.${block}.input` : "stream";
        expect(whole).toEqual(probe(model, sequences, path)[path]!.data);
      }
      expect(residualStream(model, sequences)).toEqual(residualStream(model, sequences, layers));
    });
  });
});

test("parts are named, in the order in which they are added", () => {
  scope(() => {
    const names = (model: Parameters<typeof residualStream>[0], before?: number) =>
      residualStream(model, tokens, before).parts.map(({ name }) => name);
    expect(names(aloneOf())).toEqual(["token", "L0H0", "L0H1", "L0H2", "L1H0", "L1H1", "L1H2"]);
    expect(names(aloneOf(), 1)).toEqual(["token", "L0H0", "L0H1", "L0H2"]);
    expect(names(gptOf({ layers: 1, bias: true }))).toEqual([
      "token",
      "position",
      "L0H0",
      "L0H1",
      "L0H2",
      "L0 bias",
      "L0 MLP",
    ]);
    expect(names(gauOf({ layers: 2 }))).toEqual(["token", "L0 unit", "L1 unit"]);
  });
});

test("a stream that is no sum, and a block that is not there, are refused", () => {
  scope(() => {
    expect(() => residualStream(gauOf({ placement: "post" }), tokens)).toThrow(
      "stream: a norm after every unit rescales the stream, so it is no sum of parts; use placement pre",
    );
    expect(() => residualStream(aloneOf(), tokens, 3)).toThrow("stream: block must be 0..2, got 3");
  });
});
