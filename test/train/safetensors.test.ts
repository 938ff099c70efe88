// Files round trip, an independent reader agrees, and every malformed file gives one sentence.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode, type TensorToStore } from "../../src/train/safetensors";

const weight: TensorToStore = {
  name: "blocks.0.w",
  dtype: "F32",
  shape: [2, 3],
  data: new Float32Array([1, -2, 3.5, NaN, Infinity, -0]),
};
const step: TensorToStore = { name: "step", dtype: "I32", shape: [], data: new Int32Array([-7]) };
const empty: TensorToStore = { name: "empty", dtype: "F32", shape: [0, 4], data: new Float32Array(0) };

/** A file from a header and data, whatever they are. */
function file(header: unknown, data: ArrayLike<number> = [], declared?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(declared ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });

describe("encode and decode", () => {
  test("tensors and metadata round trip bit for bit", () => {
    const bytes = encode([weight, step, empty], { format: "pt", note: 'quote " and \u00e9\u{1f600}' });
    const { metadata, tensors } = decode(bytes);
    expect(metadata).toEqual({ format: "pt", note: 'quote " and \u00e9\u{1f600}' });
    expect(new Set(tensors.keys())).toEqual(new Set(["blocks.0.w", "step", "empty"]));
    for (const { name, dtype, shape, data } of [weight, step, empty])
      expect(tensors.get(name)).toEqual({ dtype, shape, data });
    expect(encode([weight, step, empty], metadata)).toEqual(bytes);
  });

  test("data is a view where it is aligned and right where it is not", () => {
    const bytes = encode([weight]);
    expect(decode(bytes).tensors.get(weight.name)?.data.buffer).toBe(bytes.buffer);
    for (const offset of [1, 2, 4, 7]) {
      const moved = new Uint8Array(bytes.length + offset);
      moved.set(bytes, offset);
      expect(decode(moved.subarray(offset)).tensors.get(weight.name)?.data).toEqual(weight.data);
    }
  });

  test("an independent reader finds every tensor by the format's rules", () => {
    const bytes = encode([step, weight], { a: "b" });
    const view = new DataView(bytes.buffer);
    const length = Number(view.getBigUint64(0, true));
    expect((8 + length) % 8).toBe(0);
    const text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
    expect(text).toMatch(/^\{.*\} {0,7}$/);
    const header = JSON.parse(text);
    expect(header.__metadata__).toEqual({ a: "b" });
    const [begin, end] = header["blocks.0.w"].data_offsets;
    const read = Array.from({ length: (end - begin) / 4 }, (_, i) =>
      view.getFloat32(8 + length + begin + i * 4, true),
    );
    expect(read).toEqual([...weight.data]);
    expect(view.getInt32(8 + length + header.step.data_offsets[0], true)).toBe(-7);
    expect(bytes.length).toBe(8 + length + 28);
  });

  test("names from Object.prototype, numbers and quotes are plain names", () => {
    const names = ["__proto__", "constructor", "toString", "1", "0", 'a"b\\', "\u{1f600}"];
    const scalar = (name: string, i: number): TensorToStore => ({
      name,
      dtype: "I32",
      shape: [],
      data: new Int32Array([i]),
    });
    const bytes = encode(names.map(scalar), JSON.parse('{"__proto__":"x","valueOf":"y"}'));
    const { metadata, tensors } = decode(bytes);
    expect(names.map((name) => tensors.get(name)?.data[0])).toEqual(names.map((_, i) => i));
    expect(Object.entries(metadata)).toEqual([
      ["__proto__", "x"],
      ["valueOf", "y"],
    ]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
    expect(encode([], {}).length).toBe(16);
  });

  test("no tensors, no metadata", () => {
    const { metadata, tensors } = decode(encode([]));
    expect([metadata, tensors.size]).toEqual([{}, 0]);
  });

  test("a shape or name that does not fit is refused", () => {
    const data = new Float32Array(6);
    expect(() => encode([{ ...weight, shape: [2, 2], data }])).toThrow(
      "safetensors: a shape must match its data, got [2,2] and 6 elements",
    );
    expect(() => encode([{ ...weight, shape: [-2, -3], data }])).toThrow("got [-2,-3]");
    expect(() => encode([weight, step, weight])).toThrow('got "blocks.0.w" again');
    expect(() => encode([{ ...step, name: "__metadata__" }])).toThrow(
      "must be distinct and not __metadata__",
    );
  });
});

describe("element types that other tools write", () => {
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const read = (dtype: string, data: ArrayBufferView, count: number) =>
    decode(file({ x: entry(dtype, [count], [0, data.byteLength]) }, bytes(data))).tensors.get("x")?.data;

  test("F16, all finite values against the definition, and the special ones", () => {
    const bits = [
      0x0000, 0x8000, 0x0001, 0x03ff, 0x0400, 0x3c00, 0xc000, 0x7bff, 0x3555, 0x7c00, 0xfc00, 0x7e00,
    ];
    expect(read("F16", Uint16Array.from(bits), bits.length)).toEqual(
      new Float32Array([
        0,
        -0,
        2 ** -24,
        1023 * 2 ** -24,
        2 ** -14,
        1,
        -2,
        65504,
        1365 * 2 ** -12,
        Infinity,
        -Infinity,
        NaN,
      ]),
    );
  });

  test("BF16 is the upper half of float32", () => {
    expect(read("BF16", Uint16Array.from([0x3f80, 0xc049, 0x7f80, 0x0001]), 4)).toEqual(
      new Float32Array([1, -3.140625, Infinity, 2 ** -133]),
    );
  });

  test("F64, I64, U8 and BOOL", () => {
    expect(read("F64", new Float64Array([Math.PI, -0]), 2)).toEqual(new Float64Array([Math.PI, -0]));
    expect(read("I64", new BigInt64Array([-5n, 2n ** 40n]), 2)).toEqual(new Float64Array([-5, 2 ** 40]));
    expect(read("U8", new Uint8Array([255, 1]), 2)).toEqual(new Uint8Array([255, 1]));
    expect(read("BOOL", new Uint8Array([0, 1]), 2)).toEqual(new Uint8Array([0, 1]));
    expect(() => read("I64", new BigInt64Array([2n ** 60n]), 1)).toThrow(
      'I64 values must lie within +-2^53, got 1152921504606846976 in "x"',
    );
  });
});

describe("malformed files", () => {
  const four = [0, 0, 128, 63];
  test.each([
    [file('{"a":1}', [], 2 ** 40), "a header has at most 100000000 bytes, got 1099511627776"],
    [file("{}", [], 100), "the header ends at byte 108, got a file of 10 bytes; it is truncated"],
    [new TextEncoder().encode("\x80\x02}q\0(torch zip or pickle"), "this is another kind of file"],
    [file("[1]"), 'a header starts with "{", got byte 0x5b'],
    [file("{,}"), "must be JSON in UTF-8"],
    [file("{}", [], 0), "must be JSON in UTF-8"],
    [file('{"a\n\n": }'), "must be JSON in UTF-8"],
    [new Uint8Array([6, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7d]), "must be JSON in UTF-8"],
    [file({ a: 1 }), '"a" must have dtype, shape and data_offsets, got 1'],
    [
      file({ a: entry("F33", [1], [0, 4]) }, four),
      '"a" must have a dtype of F32, F16, BF16, F64, I32, I64, U8, BOOL, got "F33"',
    ],
    [file({ a: entry("toString", [1], [0, 4]) }, four), 'got "toString"'],
    [file({ a: entry("F32", [-1], [0, 4]) }, four), "a shape of whole numbers, got [-1]"],
    [file({ a: entry("F32", "1", [0, 4]) }, four), 'got "1"'],
    [file({ a: entry("F32", [1.5], [0, 6]) }, four), "got [1.5]"],
    [file({ a: entry("F32", [1], [0]) }, four), "two data_offsets in bytes, got [0]"],
    [file({ a: entry("F32", [1], [4, 0]) }, four), "takes 4 bytes, got data_offsets [4, 0]"],
    [
      file({ a: entry("F32", [2], [0, 4]) }, four),
      '"a" of shape [2] in F32 takes 8 bytes, got data_offsets [0, 4]',
    ],
    [file({ a: entry("F32", [2 ** 52, 2 ** 52], [0, 4]) }, four), "got data_offsets [0, 4]"],
    [
      file({ a: entry("F32", [2], [0, 8]) }, four),
      "the header describes 8 bytes of tensors, got 4; the file is truncated",
    ],
    [
      file({ a: entry("F32", [1], [0, 4]) }, [...four, 9]),
      "describes 4 bytes of tensors, got 5; foreign bytes follow",
    ],
    [file({}, four), "describes 0 bytes of tensors, got 4; foreign bytes follow"],
    [
      file({ a: entry("F32", [1], [0, 4]), b: entry("F32", [1], [2, 6]) }, [...four, 0, 0]),
      '"b" at byte 2 where 4 was due: it overlaps the tensor before it',
    ],
    [
      file({ a: entry("F32", [1], [0, 4]), b: entry("F32", [1], [5, 9]) }, [...four, ...four, 0]),
      '"b" at byte 5 where 4 was due: it leaves a hole before it',
    ],
    [
      file({ a: entry("F32", [1], [4, 8]) }, [...four, ...four]),
      '"a" at byte 4 where 0 was due: it leaves a hole',
    ],
    [
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0061":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        four,
      ),
      'names must be distinct, got "a" twice',
    ],
    [file('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', four), 'got "shape" twice'],
    [file({ __metadata__: { a: 1 } }), '__metadata__ must map strings to strings, got {"a":1}'],
    [file({ __metadata__: ["a"] }), '__metadata__ must map strings to strings, got ["a"]'],
    [file(`{"a":${"[".repeat(1e5)}${"]".repeat(1e5)}}`), "safetensors: "],
  ])("case %# is one sentence", (bytes, message) => {
    expect(() => decode(bytes)).toThrow(message);
    expect(() => decode(bytes)).toThrow(/^safetensors: [^\n]+$/);
  });

  const whole = encode([weight, step, empty], { format: "heed" });

  test("a file cut at any byte", () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => decode(whole.subarray(0, length)), `${length} of ${whole.length} bytes`).toThrow(
        /^safetensors: [^\n]+$/,
      );
    }
    expect(() => decode(whole.subarray(0, 5))).toThrow(
      "safetensors: a file starts with 8 bytes of header length, got 5 bytes in all",
    );
  });

  test("a file with any byte changed decodes or is refused in one sentence", () => {
    const change = fc.record({ position: fc.nat(whole.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) =>
        decodesOrSaysWhy(mutated(changes)),
      ),
      {
        numRuns: 2000,
      },
    );
    function mutated(changes: readonly { position: number; byte: number }[]): Uint8Array {
      const bytes = whole.slice();
      for (const { position, byte } of changes) bytes[position] = byte;
      return bytes;
    }
  });

  test("any bytes, and any JSON for a header", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), decodesOrSaysWhy));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (header) =>
        decodesOrSaysWhy(file(header, [1, 2, 3, 4])),
      ),
    );
    const whole = fc.oneof(fc.nat(9), fc.constantFrom(-1, 0.5, 2 ** 53, null));
    const tensor = fc.record(
      {
        dtype: fc.constantFrom("F32", "F16", "I64", "U8", "F8"),
        shape: fc.array(whole, { maxLength: 3 }),
        data_offsets: fc.array(whole, { maxLength: 3 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), tensor), (header) =>
        decodesOrSaysWhy(file(header, [1, 2, 3, 4])),
      ),
    );
  });

  function decodesOrSaysWhy(bytes: Uint8Array): void {
    try {
      decode(bytes);
    } catch (error) {
      expect(String(error)).toMatch(/^Error: safetensors: [^\n]+$/);
    }
  }
});
