// The few forms of protocol buffers that ONNX files need: integers, floats, bytes and messages (protobuf.dev/programming-guides/encoding).

/** Encoded bytes in pieces, so that weights are copied once, at the end. */
export interface Encoded {
  readonly size: number;
  readonly chunks: readonly Uint8Array[];
}

const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

/** An integer, negative ones in two's complement of 64 bits. */
export function int(field: number, value: number): Encoded {
  return joined([tag(field, VARINT), varint(BigInt.asUintN(64, BigInt(value)))]);
}

export function float(field: number, value: number): Encoded {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joined([tag(field, FIXED32), piece(bytes)]);
}

export function text(field: number, value: string): Encoded {
  return bytes(field, new TextEncoder().encode(value));
}

export function bytes(field: number, value: Uint8Array): Encoded {
  return message(field, piece(value));
}

/** A message of these fields, as a field of another. */
export function message(field: number, ...fields: readonly Encoded[]): Encoded {
  const content = joined(fields);
  return joined([tag(field, DELIMITED), varint(BigInt(content.size)), content]);
}

/** Fields one after the other: a message by itself. */
export function joined(parts: readonly Encoded[]): Encoded {
  return {
    size: parts.reduce((sum, { size }) => sum + size, 0),
    chunks: parts.flatMap(({ chunks }) => chunks),
  };
}

export function toBytes({ size, chunks }: Encoded): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function tag(field: number, wire: number): Encoded {
  return varint(BigInt(field * 8 + wire));
}

/** Seven bits a byte, the lowest first; the eighth says that more follow. */
function varint(value: bigint): Encoded {
  const digits: number[] = [];
  let rest = value;
  do {
    digits.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return piece(Uint8Array.from(digits));
}

function piece(chunk: Uint8Array): Encoded {
  return { size: chunk.length, chunks: [chunk] };
}
