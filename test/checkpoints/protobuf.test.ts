// The encoding's own examples (protobuf.dev/programming-guides/encoding), and sizes beyond a byte.
import { expect, test } from "vitest";
import { bytes, float, int, joined, message, text, toBytes } from "../../src/checkpoints/onnx/protobuf";

test.each([
  ["150 in field 1", int(1, 150), "08 96 01"],
  ["-2 in field 1", int(1, -2), "08 fe ff ff ff ff ff ff ff ff 01"],
  ["0 in field 16", int(16, 0), "80 01 00"],
  ["2^53 in field 1", int(1, 2 ** 53), "08 80 80 80 80 80 80 80 10"],
  ["a string in field 2", text(2, "testing"), "12 07 74 65 73 74 69 6e 67"],
  ["a message in field 3", message(3, int(1, 150)), "1a 03 08 96 01"],
  ["a float in field 5", float(5, 1), "2d 00 00 80 3f"],
  ["two fields", joined([int(1, 1), text(2, "é")]), "08 01 12 02 c3 a9"],
])("%s", (_, encoded, expected) => {
  const hex = Array.from(toBytes(encoded), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  expect(hex).toBe(expected);
  expect(encoded.size).toBe(expected.split(" ").length);
});

test("a field of 300 bytes has a length of two", () => {
  const encoded = toBytes(bytes(9, new Uint8Array(300).fill(7)));
  expect([...encoded.subarray(0, 4)]).toEqual([0x4a, 0xac, 0x02, 7]);
  expect(encoded.length).toBe(303);
});
