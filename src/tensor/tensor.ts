// A tensor is data: a shape over a block of linear memory. What can be done with it lives in ops/.
import type { Block } from "../runtime/heap";
import { floatsAt, heap, integersAt } from "../runtime/instance";
import { disown, own, type Resource, runScope } from "../runtime/scope";
import { type Shape, show, sizeOf } from "./shape";

export type DType = "f32" | "i32";

/** Memory that several tensors (reshaped views of one another) may share; freed with the last of them. */
class Storage {
  #users = 1;
  readonly block: Block;

  constructor(bytes: number) {
    this.block = heap().alloc(bytes);
  }

  share(): Storage {
    this.#users += 1;
    return this;
  }

  release(): void {
    this.#users -= 1;
    if (this.#users === 0) heap().free(this.block);
  }
}

/** The backstop for tensors outside of every scope: their memory returns when they are collected. */
const collected = new FinalizationRegistry<Storage>((storage) => storage.release());

export class Tensor implements Resource {
  readonly shape: Shape;
  readonly dtype: DType;
  /** What it is, for error messages: an op or a parameter path. */
  name: string;
  /** Whether gradients flow to it: set on parameters, and by the tape on what depends on them. */
  needsGrad = false;
  /** What optimisers treat alike. */
  group: "weights" | "tables" = "weights";
  #storage: Storage | undefined;
  #collectable = false;

  private constructor(shape: Shape, dtype: DType, name: string, storage: Storage) {
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
    this.#storage = storage;
    if (!own(this)) this.#leaveToCollector();
  }

  static allocate(shape: Shape, dtype: DType, name: string): Tensor {
    if (!shape.every((dim) => Number.isInteger(dim) && dim >= 0)) {
      throw new Error(`${name}: a shape must hold whole numbers of at least 0, got ${show(shape)}`);
    }
    return new Tensor(shape, dtype, name, new Storage(4 * sizeOf(shape)));
  }

  /** The same values under another shape of the same size, without a copy. No gradient: that is `reshape` in ops. */
  static view(x: Tensor, shape: Shape): Tensor {
    return new Tensor(shape, x.dtype, x.name, x.#alive().share());
  }

  /** Byte address of the first element. Throws on a released tensor. */
  get ptr(): number {
    return this.#alive().block.ptr;
  }

  get size(): number {
    return sizeOf(this.shape);
  }

  get released(): boolean {
    return this.#storage === undefined;
  }

  /** Copies the values out, as floats (f32) in row-major order. */
  values(): Float32Array {
    return floats(this).slice();
  }

  /** The single value of a one-element tensor. */
  item(): number {
    if (this.size !== 1)
      throw new Error(`item: a tensor of one element is needed, got ${this.name} ${show(this.shape)}`);
    return this.dtype === "f32" ? floats(this)[0]! : integers(this)[0]!;
  }

  /** Returns the memory now. Scopes and owners call this; reading afterwards throws. */
  release(): void {
    if (!this.#storage) return;
    if (this.#collectable) collected.unregister(this);
    this.#storage.release();
    this.#storage = undefined;
  }

  /** Takes the tensor out of the current scope: it lives until it is released or collected. Owners call this. */
  keep(): this {
    disown(this);
    this.#leaveToCollector();
    return this;
  }

  #leaveToCollector(): void {
    if (this.#collectable) return;
    this.#collectable = true;
    collected.register(this, this.#alive(), this);
  }

  #alive(): Storage {
    if (this.#storage) return this.#storage;
    throw new Error(
      `tensor: ${this.name || "a tensor"} ${show(this.shape)} was freed at the end of its scope; return it from the scope to keep it`,
    );
  }
}

/** A live view of the floats. Valid until memory next grows: use it at once, never keep it. */
export function floats(x: Tensor): Float32Array {
  if (x.dtype !== "f32") throw new Error(`floats: ${x.name} holds i32, not f32`);
  return floatsAt(x.ptr, x.size);
}

/** A live view of the integers. Valid until memory next grows: use it at once, never keep it. */
export function integers(x: Tensor): Int32Array {
  if (x.dtype !== "i32") throw new Error(`integers: ${x.name} holds f32, not i32`);
  return integersAt(x.ptr, x.size);
}

/** A tensor with unspecified values. */
export function empty(shape: Shape, name = "tensor"): Tensor {
  return Tensor.allocate(shape, "f32", name);
}

/**
 * A float tensor from values in row-major order.
 * @throws Error when the number of values is not the product of `shape`.
 */
export function tensor(values: ArrayLike<number>, shape: Shape = [values.length], name = "tensor"): Tensor {
  expectCount("tensor", values.length, shape);
  const x = empty(shape, name);
  floats(x).set(values);
  return x;
}

/**
 * Token ids, or any 32-bit integers, from values in row-major order.
 * @throws Error for other numbers, and when their count is not the product of `shape`
 */
export function ids(values: ArrayLike<number>, shape: Shape = [values.length], name = "ids"): Tensor {
  expectCount("ids", values.length, shape);
  const wrong =
    values instanceof Int32Array ? undefined : Array.from(values).find((value) => (value | 0) !== value);
  if (wrong !== undefined) throw new Error(`ids: values must be 32-bit integers, got ${wrong}`);
  const x = Tensor.allocate(shape, "i32", name);
  integers(x).set(values);
  return x;
}

/**
 * Runs `body` and frees every tensor made in it, except those that it returns (alone, in an array, or in a plain object): these
 * belong to the enclosing scope, or to you. Synchronous: no await and no yield inside.
 */
export function scope<T>(body: () => T): T {
  return runScope(body, tensorsIn, (kept) => {
    if (kept instanceof Tensor) kept.keep();
  });
}

function* tensorsIn(value: unknown, seen = new Set<object>()): Generator<Tensor> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || seen.has(value)) return;
  seen.add(value); // objects may refer to one another in a circle
  if (value instanceof Tensor) yield value;
  else {
    const items = Array.isArray(value) || value instanceof Map ? value.values() : Object.values(value);
    for (const item of items) yield* tensorsIn(item, seen);
  }
}

function expectCount(place: string, count: number, shape: Shape): void {
  if (count !== sizeOf(shape))
    throw new Error(`${place}: ${show(shape)} holds ${sizeOf(shape)} values, got ${count}`);
}
