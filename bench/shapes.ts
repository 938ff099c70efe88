// What the suites run on. Sizes as data: `full` is the published list, `quick` a look, `tiny` what the tests check.
import type { Size } from "./row";

export interface ProductShape {
  readonly name: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Which operands are stored transposed. */
  readonly layout?: "nt" | "tn";
}

function square(n: number): ProductShape {
  return { name: "square", m: n, n, k: n };
}

const SQUARES = [64, 96, 128, 192, 256, 384, 512, 768, 1024].map(square);
const LAYOUTS: readonly ProductShape[] = [
  { name: "A Bᵀ", m: 512, n: 512, k: 512, layout: "nt" },
  { name: "Aᵀ B", m: 512, n: 512, k: 512, layout: "tn" },
];
/** GPT-2 small on 512 tokens: queries with keys and values, attention output, MLP up and down. */
const GPT2: readonly ProductShape[] = [
  { name: "gpt-2 qkv", m: 512, n: 2304, k: 768 },
  { name: "gpt-2 output", m: 512, n: 768, k: 768 },
  { name: "gpt-2 mlp up", m: 512, n: 3072, k: 768 },
  { name: "gpt-2 mlp down", m: 512, n: 768, k: 3072 },
];
/** A Llama of 2048 channels with 8 of 32 heads for keys, on 128 tokens. */
const LLAMA: readonly ProductShape[] = [
  { name: "llama query", m: 128, n: 2048, k: 2048 },
  { name: "llama key", m: 128, n: 512, k: 2048 },
  { name: "llama mlp up", m: 128, n: 8192, k: 2048 },
  { name: "llama mlp down", m: 128, n: 2048, k: 8192 },
];
/** One token against weights: bound by reading them. */
const DECODE: readonly ProductShape[] = [
  { name: "decode qkv", m: 1, n: 2304, k: 768 },
  { name: "decode mlp up", m: 1, n: 3072, k: 768 },
  { name: "decode mlp down", m: 1, n: 768, k: 3072 },
  { name: "decode llama up", m: 1, n: 8192, k: 2048 },
  { name: "decode unembed", m: 1, n: 50257, k: 768, layout: "nt" },
];

export const products: Readonly<Record<Size, readonly ProductShape[]>> = {
  full: [...SQUARES, ...LAYOUTS, ...GPT2, ...LLAMA, ...DECODE],
  quick: [...[128, 256, 512].map(square), ...GPT2.slice(2), ...DECODE.slice(0, 2)],
  tiny: [
    square(19),
    { name: "A Bᵀ", m: 5, n: 9, k: 7, layout: "nt" },
    { name: "Aᵀ B", m: 5, n: 9, k: 7, layout: "tn" },
    { name: "decode", m: 1, n: 21, k: 33 },
  ],
};

/** Tokens and head width; 8 heads. */
export const attentions: Readonly<Record<Size, readonly { readonly T: number; readonly D: number }[]>> = {
  full: [
    ...[128, 256, 512, 1024].flatMap((T) => [32, 64, 128].map((D) => ({ T, D }))),
    { T: 2048, D: 64 },
    { T: 4096, D: 64 },
  ],
  quick: [512, 1024].map((T) => ({ T, D: 64 })),
  tiny: [
    { T: 13, D: 8 },
    { T: 21, D: 5 },
  ],
};
export const ATTENTION_HEADS = 8;
/** Forward and backward where a matrix of weights would take a gigabyte. */
export const longest: Readonly<
  Record<Size, readonly { readonly T: number; readonly D: number; readonly H: number }[]>
> = {
  full: [{ T: 16384, D: 64, H: 1 }],
  quick: [],
  tiny: [{ T: 150, D: 6, H: 1 }],
};

/** Layers that the attention variants are compared on. */
export const layers: Readonly<Record<Size, { readonly T: number; readonly C: number; readonly H: number }>> =
  {
    full: { T: 512, C: 512, H: 8 },
    quick: { T: 128, C: 128, H: 4 },
    tiny: { T: 6, C: 8, H: 2 },
  };

/** Rows and columns for the row kernels. */
interface RowShapes {
  readonly softmax: readonly (readonly [number, number])[];
  readonly layernorm: readonly (readonly [number, number])[];
  readonly crossEntropy: readonly (readonly [number, number])[];
  readonly gelu: readonly (readonly [number, number])[];
  readonly adamw: readonly (readonly [number, number])[];
}

export const rowShapes: Readonly<Record<Size, RowShapes>> = {
  full: {
    softmax: [
      [512, 512],
      [4096, 1024],
    ],
    layernorm: [
      [768, 128],
      [512, 768],
    ],
    crossEntropy: [
      [768, 65],
      [128, 50257],
    ],
    gelu: [
      [768, 512],
      [512, 3072],
    ],
    adamw: [
      [128, 512],
      [768, 3072],
    ],
  },
  quick: {
    softmax: [[512, 512]],
    layernorm: [[768, 128]],
    crossEntropy: [[768, 65]],
    gelu: [[768, 512]],
    adamw: [[128, 512]],
  },
  tiny: {
    softmax: [[3, 7]],
    layernorm: [[3, 9]],
    crossEntropy: [[3, 7]],
    gelu: [[3, 7]],
    adamw: [[3, 7]],
  },
};

export interface ModelShape {
  readonly name: string;
  readonly vocabulary: number;
  readonly context: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

/** nanoGPT's small character model. */
const CHARACTERS = {
  name: "gpt 4 x 128",
  vocabulary: 65,
  context: 64,
  width: 128,
  layers: 4,
  heads: 4,
} as const;
/** GPT-2 small, with less room for the past than its 1024 tokens. */
const GPT2_SMALL = {
  name: "gpt-2 12 x 768",
  vocabulary: 50257,
  context: 256,
  width: 768,
  layers: 12,
  heads: 12,
} as const;
const TINY = { name: "gpt 2 x 8", vocabulary: 11, context: 6, width: 8, layers: 2, heads: 2 } as const;

export const steps: Readonly<Record<Size, readonly (ModelShape & { readonly batch: number })[]>> = {
  full: [{ ...CHARACTERS, batch: 12 }],
  quick: [{ ...CHARACTERS, batch: 12 }],
  tiny: [{ ...TINY, batch: 2 }],
};

export const decodes: Readonly<Record<Size, readonly ModelShape[]>> = {
  full: [CHARACTERS, GPT2_SMALL],
  quick: [CHARACTERS, { ...GPT2_SMALL, name: "gpt 2 x 768", layers: 2, vocabulary: 5000 }],
  tiny: [TINY],
};
