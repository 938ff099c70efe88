// A graph of ONNX operators as it is built, and its file. Field numbers are those of onnx.proto (github.com/onnx/onnx).
import { bytes, type Encoded, float, int, joined, message, text, toBytes } from "./protobuf";

/** Version of the file format, and of the operators: 17 is the first with LayerNormalization. */
const IR_VERSION = 8;
const OPSET = 17;

export type ElementType = "float" | "int64";
const ELEMENT_TYPES: Readonly<Record<ElementType, number>> = { float: 1, int64: 7 };
const ATTRIBUTE_TYPES = { float: 1, int: 2, ints: 7 } as const;

/** A number is an int where it is whole; a float is given as `{ float }`. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** The name of a value that flows through the graph. */
export type Value = string;

export class Graph {
  readonly #nodes: Encoded[] = [];
  readonly #initializers: Encoded[] = [];
  readonly #inputs: Encoded[] = [];
  readonly #outputs: Encoded[] = [];
  readonly #constants = new Map<string, Value>();
  #count = 0;

  /** @param shape numbers, and names for what a run decides */
  input(name: string, type: ElementType, shape: readonly (number | string)[]): Value {
    this.#inputs.push(message(11, ...valueInfo(name, type, shape)));
    return name;
  }

  output(value: Value, name: string, type: ElementType, shape: readonly (number | string)[]): void {
    this.#nodes.push(node("Identity", [value], [name], {}));
    this.#outputs.push(message(12, ...valueInfo(name, type, shape)));
  }

  /** Adds an operator and gives its result. */
  op(type: string, inputs: readonly Value[], attributes: Readonly<Record<string, Attribute>> = {}): Value {
    return this.split(type, inputs, 1, attributes)[0]!; // there is one
  }

  /** Adds an operator with several results. */
  split(
    type: string,
    inputs: readonly Value[],
    results: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value[] {
    const names = Array.from({ length: results }, () => this.#fresh(type));
    this.#nodes.push(node(type, inputs, names, attributes));
    return names;
  }

  /** Weights under a name. The values are read when the file is made. */
  weights(name: string, values: Float32Array, shape: readonly number[]): Value {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initializers.push(initializer(name, "float", shape, raw));
    return name;
  }

  /** A float scalar. */
  scalar(value: number): Value {
    return this.#constant(`scalar ${value}`, "float", [], new Uint8Array(Float32Array.of(value).buffer));
  }

  /** Integers: one as a scalar, several as a vector. */
  integers(value: number | readonly number[]): Value {
    const all = typeof value === "number" ? [value] : value;
    const raw = new Uint8Array(BigInt64Array.from(all, BigInt).buffer);
    const shape = typeof value === "number" ? [] : [all.length];
    return this.#constant(`integers ${JSON.stringify(value)}`, "int64", shape, raw);
  }

  /** The file of a model with this graph. */
  toBytes(name: string): Uint8Array<ArrayBuffer> {
    const parts = [...this.#nodes, text(2, name), ...this.#initializers, ...this.#inputs, ...this.#outputs];
    return toBytes(
      joined([
        int(1, IR_VERSION),
        text(2, "heed"),
        message(7, ...parts),
        message(8, text(1, ""), int(2, OPSET)),
      ]),
    );
  }

  #constant(key: string, type: ElementType, shape: readonly number[], raw: Uint8Array): Value {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh("constant");
    this.#initializers.push(initializer(name, type, shape, raw));
    this.#constants.set(key, name);
    return name;
  }

  #fresh(type: string): Value {
    this.#count += 1;
    return `${type}.${this.#count}`;
  }
}

function node(
  type: string,
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: Readonly<Record<string, Attribute>>,
): Encoded {
  return message(
    1,
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(4, type),
    ...Object.entries(attributes).map(([name, value]) => message(5, text(1, name), ...attribute(value))),
  );
}

function attribute(value: Attribute): Encoded[] {
  if (typeof value === "number") return [int(3, value), int(20, ATTRIBUTE_TYPES.int)];
  if ("float" in value) return [float(2, value.float), int(20, ATTRIBUTE_TYPES.float)];
  return [...value.map((item) => int(8, item)), int(20, ATTRIBUTE_TYPES.ints)];
}

function initializer(name: string, type: ElementType, shape: readonly number[], raw: Uint8Array): Encoded {
  const dims = shape.map((dim) => int(1, dim));
  return message(5, ...dims, int(2, ELEMENT_TYPES[type]), text(8, name), bytes(9, raw));
}

function valueInfo(name: string, type: ElementType, shape: readonly (number | string)[]): Encoded[] {
  const dims = shape.map((dim) => message(1, typeof dim === "number" ? int(1, dim) : text(2, dim)));
  const tensor = message(1, int(1, ELEMENT_TYPES[type]), message(2, ...dims));
  return [text(1, name), message(2, tensor)];
}
