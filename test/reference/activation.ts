// Float64 twins of assembly/activation.ts: each activation with its exact derivative, as functions of one number.
import { erfc } from "./math";

export interface Activation {
  readonly f: (x: number) => number;
  readonly slope: (x: number) => number;
}

const phi = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const Phi = (x: number): number => erfc(-x / Math.SQRT2) / 2;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const tanhArgument = (x: number): number => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const tanhArgumentSlope = (x: number): number => Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x ** 2);

export const relu: Activation = {
  f: (x) => Math.max(x, 0),
  slope: (x) => (x > 0 ? 1 : 0),
};

export const gelu: Activation = {
  f: (x) => x * Phi(x),
  slope: (x) => Phi(x) + x * phi(x),
};

export const geluTanh: Activation = {
  f: (x) => (x / 2) * (1 + Math.tanh(tanhArgument(x))),
  slope: (x) => {
    const t = Math.tanh(tanhArgument(x));
    return (1 + t) / 2 + (x / 2) * (1 - t * t) * tanhArgumentSlope(x);
  },
};

export const silu: Activation = {
  f: (x) => x * sigmoid(x),
  slope: (x) => sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x)),
};

export const squareRelu: Activation = {
  f: (x) => Math.max(x, 0) ** 2,
  slope: (x) => 2 * Math.max(x, 0),
};
