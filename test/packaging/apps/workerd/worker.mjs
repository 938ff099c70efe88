// heed on an edge runtime that forbids compiling from bytes: the kernels come as modules that the host has compiled.

import oneCall from "heed/kernels/one-call.wasm";
import kernels from "heed/kernels/portable.wasm";
import { exercise } from "./exercise.mjs";

export default {
  async fetch() {
    return Response.json(await exercise({ kernels, oneCall }));
  },
};
