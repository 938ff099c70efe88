// Writes small ONNX models: a graph of nodes over f32 tensors, as the protocol buffer of onnx.proto3 (field numbers from there).

const FLOAT = 1;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const IR_VERSION = 10;

/**
 * @param nodes { op, inputs, outputs, domain?, floats?, ints? } in order
 * @param inputs, outputs shapes by name
 */
export function onnxModel({ nodes, inputs, outputs, opset = 17 }) {
  const graph = message(
    ...nodes.map((node) => field(1, nodeMessage(node))),
    field(2, text("bench")),
    ...Object.entries(inputs).map(([name, shape]) => field(11, valueInfo(name, shape))),
    ...Object.entries(outputs).map(([name, shape]) => field(12, valueInfo(name, shape))),
  );
  const opsets = [
    ["", opset],
    ["com.microsoft", 1],
  ];
  return message(
    integer(1, IR_VERSION),
    field(7, graph),
    ...opsets.map(([domain, version]) => field(8, message(field(1, text(domain)), integer(2, version)))),
  );
}

function nodeMessage({ op, inputs, outputs, domain = "", floats = {}, ints = {} }) {
  return message(
    ...inputs.map((name) => field(1, text(name))),
    ...outputs.map((name) => field(2, text(name))),
    field(4, text(op)),
    ...Object.entries(floats).map(([name, value]) =>
      field(5, message(field(1, text(name)), float(2, value), integer(20, ATTRIBUTE_FLOAT))),
    ),
    ...Object.entries(ints).map(([name, value]) =>
      field(5, message(field(1, text(name)), integer(3, value), integer(20, ATTRIBUTE_INT))),
    ),
    field(7, text(domain)),
  );
}

function valueInfo(name, shape) {
  const dims = message(...shape.map((dim) => field(1, integer(1, dim))));
  const type = field(1, message(integer(1, FLOAT), field(2, dims)));
  return message(field(1, text(name)), field(2, type));
}

// The wire format: a key (number and type) before each value.

function message(...parts) {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function field(number, bytes) {
  return [...varint((number << 3) | 2), ...varint(bytes.length), ...bytes];
}

function integer(number, value) {
  return [...varint(number << 3), ...varint(value)];
}

function float(number, value) {
  return [...varint((number << 3) | 5), ...new Uint8Array(Float32Array.of(value).buffer)];
}

function text(value) {
  return new TextEncoder().encode(value);
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value & 127) | 128);
  return [...bytes, value];
}
