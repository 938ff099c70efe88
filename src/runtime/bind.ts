// The one-call module as functions over Float32Arrays: as-bind's runtime with converters for today's AssemblyScript.
import {
  type Bound,
  type Converter,
  converters,
  instantiate,
  instantiateSync,
} from "as-bind/dist/as-bind.esm.js";
import base64 from "#kernels/one-call.wasm";
import { platform } from "#platform";
import type { instantiate as generated } from "../../build/one-call";

/** The exports of assembly/one_call.ts, typed by the declarations that the compiler writes. */
export type OneCallExports = Awaited<ReturnType<typeof generated>>;

/** A new instance with a memory of its own. */
export async function instantiateOneCall(module?: WebAssembly.Module): Promise<OneCallExports> {
  converters.set("~lib/typedarray/Float32Array", float32Array);
  if (module) return instantiateCompiled(module).exports;
  const bytes = platform.decodeBase64(base64);
  if (!WebAssembly.validate(bytes)) {
    throw new Error(
      "oneCall: heed needs WebAssembly SIMD, which this host lacks; use Node 20.19+, or Chrome 91+, Firefox 89+, Safari 16.4+",
    );
  }
  return (await instantiate<OneCallExports>(bytes, {})).exports;
}

/**
 * as-bind takes bytes only and compiles them itself, which hosts that bring a compiled module may forbid: during this one
 * synchronous call, `new WebAssembly.Module` answers with the given module.
 */
function instantiateCompiled(module: WebAssembly.Module): Bound<OneCallExports> {
  if (WebAssembly.Module.customSections(module, "as-bind_bindings").length !== 1) {
    throw new Error("oneCall: module must be compiled from heed/kernels/one-call.wasm, got another one");
  }
  const { Module } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, { construct: () => module });
  try {
    return instantiateSync<OneCallExports>(new Uint8Array(), {});
  } finally {
    WebAssembly.Module = Module;
  }
}

/** The compiler's id of ArrayBuffer: the same in every module since AssemblyScript 0.28. */
const ARRAY_BUFFER_ID = 1;
/** A typed array in linear memory: pointers to its buffer and to its first element, its length in bytes. */
const HEADER_WORDS = 3;

/**
 * Copies in both directions. as-bind's own converter hands out views, which the next call would overwrite, and reads the type
 * information of AssemblyScript 0.19. Pointers above 2 GB come as negative numbers, hence `>>> 0`.
 */
const float32Array: Converter = {
  jsToAsc(bound, value, typeName) {
    const { __new, memory } = exportsOf(bound);
    const floats = value as Float32Array; // one-call.ts has checked it
    // The arena never moves or collects, so the buffer needs no pin while the header is made.
    const buffer = __new(floats.byteLength, ARRAY_BUFFER_ID) >>> 0;
    const header = __new(HEADER_WORDS * 4, bound.getTypeId(typeName)) >>> 0;
    new Float32Array(memory.buffer, buffer, floats.length).set(floats);
    new Uint32Array(memory.buffer, header, HEADER_WORDS).set([buffer, buffer, floats.byteLength]);
    return header;
  },
  ascToJs(bound, pointer) {
    const { memory } = exportsOf(bound);
    const [, start, bytes] = new Uint32Array(memory.buffer, pointer >>> 0, HEADER_WORDS);
    return new Float32Array(memory.buffer, start, bytes! / 4).slice();
  },
};

/** as-bind calls a converter with the instance that the call goes to, and this module binds only one kind. */
function exportsOf(bound: Bound<unknown>): OneCallExports {
  return bound.exports as OneCallExports;
}
