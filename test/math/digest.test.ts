// FNV-1a against published values, and what counts as the same numbers.
import { describe, expect, test } from "vitest";
import { digest } from "../../src/math/digest";

describe("digest", () => {
  test.each([
    ["", "cbf29ce484222325"],
    ["a", "af63dc4c8601ec8c"],
    ["foobar", "85944171f73967e8"],
  ])("the 64-bit FNV-1a of %j", (text, expected) => {
    expect(digest(new TextEncoder().encode(text))).toBe(expected);
  });

  test("equals the definition in integer arithmetic", () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => (i * 151) & 255);
    const expected = bytes.reduce(
      (hash, byte) => ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn,
      0xcbf29ce484222325n,
    );
    expect(digest(bytes)).toBe(expected.toString(16).padStart(16, "0"));
  });

  test("takes each type's own bytes, little-endian", () => {
    const bytes = (hex: string) =>
      digest(Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16)));
    expect(digest(new Float32Array([1, -0, NaN]))).toBe(bytes("0000803f000000800000c07f"));
    expect(digest([1, NaN])).toBe(bytes("000000000000f03f000000000000f87f"));
    expect(digest(new Float64Array([1, NaN]))).toBe(digest([1, NaN]));
    expect(digest(new Int32Array([-2, 1]))).toBe(bytes("feffffff01000000"));
    expect(digest(new Uint32Array([0xfffffffe, 1]))).toBe(bytes("feffffff01000000"));
  });

  test("all NaNs are one; signs of zero differ", () => {
    const odd = new Float32Array(new Uint32Array([0xffc12345]).buffer);
    expect(digest(odd)).toBe(digest(new Float32Array([NaN])));
    expect(digest([0])).not.toBe(digest([-0]));
  });
});
