// Elementwise nonlinearities, each a pair of kernels.
import { kernels } from "../runtime/instance";
import { gradOf, record } from "../tensor/tape";
import { empty, type Tensor } from "../tensor/tensor";

type Name = "relu" | "gelu" | "gelu_tanh" | "silu" | "square_relu";

function activation(name: Name): (x: Tensor) => Tensor {
  return (x) => {
    const y = empty(x.shape, name);
    kernels()[`s${name}`](y.ptr, x.ptr, x.size);
    return record(name, y, [x], (dy) => kernels()[`s${name}_grad`](gradOf(x).ptr, dy.ptr, x.ptr, x.size));
  };
}

/** max(x, 0). */
export const relu = activation("relu");
/** x Φ(x) with the normal distribution function Φ, by erf (Hendrycks & Gimpel 2016, arXiv:1606.08415). */
export const gelu = activation("gelu");
/** The tanh approximation of gelu that GPT-2 uses (arXiv:1606.08415, section 2). */
export const geluTanh = activation("gelu_tanh");
/** x sigmoid(x), also called swish. */
export const silu = activation("silu");
/** max(x, 0)² (So et al. 2021, arXiv:2109.08668). */
export const squareRelu = activation("square_relu");

export const activations = { relu, gelu, "gelu-tanh": geluTanh, silu, "square-relu": squareRelu } as const;
export type ActivationName = keyof typeof activations;
