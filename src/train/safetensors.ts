// The safetensors file format, bytes in and bytes out: 8 bytes of header length, a JSON header, then the tensors' bytes.
// Format: https://huggingface.co/docs/safetensors. Typed arrays are little-endian on every host that runs WebAssembly in practice.
import { dtypes, type StoredDtype } from "./safetensors-dtypes";
import { duplicateKey, fail, isWhole, shown } from "./safetensors-header";

export type TensorToStore = {
  readonly name: string;
  readonly shape: readonly number[];
} & (
  | { readonly dtype: "F32"; readonly data: Float32Array }
  | { readonly dtype: "I32"; readonly data: Int32Array }
);

export interface StoredTensor {
  /** As stored; `data` has the type that the table in safetensors-dtypes.ts names for it. */
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** Row-major elements. A view of the file's bytes where type and alignment allow it, a copy otherwise. */
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Before the header. */
export const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** The limit of the reference implementation, against files that are something else. */
const MAXIMUM_HEADER_BYTES = 100_000_000;
const METADATA = "__metadata__";
const OPENING_BRACE = 0x7b;

/**
 * The bytes of a file with these tensors, in this order, without holes; the same input gives the same bytes.
 * @throws Error for a name that occurs twice or is `__metadata__`, or a shape that does not match its data
 */
export function encode(
  tensors: Iterable<TensorToStore>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const all = [...tensors];
  const entries = Object.keys(metadata).length > 0 ? [`"${METADATA}":${JSON.stringify(metadata)}`] : [];
  const names = new Set([METADATA]);
  let end = 0;
  for (const { name, dtype, shape, data } of all) {
    if (names.has(name)) fail(`names must be distinct and not ${METADATA}, got ${shown(name)} again`);
    names.add(name);
    const elements = shape.reduce((product, dim) => product * dim, 1);
    if (!shape.every(isWhole) || elements !== data.length) {
      fail(`a shape must match its data, got [${shape}] and ${data.length} elements for ${shown(name)}`);
    }
    const begin = end;
    end += data.byteLength;
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(file.buffer).setUint32(0, headerBytes, true);
  file.set(json, LENGTH_BYTES);
  file.fill(0x20, LENGTH_BYTES + json.length, LENGTH_BYTES + headerBytes);
  let position = LENGTH_BYTES + headerBytes;
  for (const { data } of all) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return file;
}

/**
 * The tensors of a file. F16 and BF16 come as float32, I64 as float64.
 * @throws Error `safetensors: ...` that says what was found, for a file that is truncated, foreign, has holes or overlaps, sizes that
 *   do not match shapes, names that occur twice, or a dtype that is not read
 */
export function decode(file: Uint8Array): SafetensorsFile {
  const start = dataStart(file, file.length);
  const { metadata, entries } = readHeader(file.subarray(LENGTH_BYTES, start), file.length - start);
  const data = file.subarray(start);
  const tensors = new Map<string, StoredTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, { dtype, shape, data: dtypes[dtype].read(data.subarray(begin, end), name) });
  }
  return { metadata, tensors };
}

/** Where a tensor lies: `begin` and `end` count from the end of the header. */
export interface StoredEntry {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * The tensors that a header describes, in the order of their bytes.
 * @param dataBytes what follows the header in the file
 * @throws Error as `decode` does
 */
export function readHeader(
  bytes: Uint8Array,
  dataBytes: number,
): { readonly metadata: SafetensorsFile["metadata"]; readonly entries: readonly StoredEntry[] } {
  const entries = Object.entries(parse(bytes));
  const metadata = entries.find(([name]) => name === METADATA)?.[1] ?? {};
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
    fail(`${METADATA} must map strings to strings, got ${shown(metadata)}`);
  }
  const described = entries
    .filter(([name]) => name !== METADATA)
    .map(([name, entry]) => describe(name, entry))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const tensor of described) {
    if (tensor.begin !== end) {
      const trouble = tensor.begin < end ? "overlaps the tensor before it" : "leaves a hole before it";
      fail(
        `tensors must follow each other, got ${shown(tensor.name)} at byte ${tensor.begin} where ${end} was due: it ${trouble}`,
      );
    }
    end = tensor.end;
  }
  if (end !== dataBytes) {
    fail(
      `the header describes ${end} bytes of tensors, got ${dataBytes}; ${end > dataBytes ? "the file is truncated" : "foreign bytes follow"}`,
    );
  }
  // Every value was proven a string above; fromEntries also defines a key like __proto__ as plain data.
  return {
    metadata: Object.fromEntries(Object.entries(metadata)) as Record<string, string>,
    entries: described,
  };
}

/**
 * Where the header ends, by the first bytes of a file.
 * @param fileBytes the size of the whole file
 * @throws Error for what cannot be a safetensors file, or is cut off within its header
 */
export function dataStart(file: Uint8Array, fileBytes: number): number {
  if (file.length < LENGTH_BYTES)
    fail(`a file starts with ${LENGTH_BYTES} bytes of header length, got ${file.length} bytes in all`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32;
  if (headerBytes > MAXIMUM_HEADER_BYTES) {
    fail(
      `a header has at most ${MAXIMUM_HEADER_BYTES} bytes, got ${headerBytes}; this is another kind of file`,
    );
  }
  const start = LENGTH_BYTES + headerBytes;
  const first = file[LENGTH_BYTES] ?? OPENING_BRACE;
  if (first !== OPENING_BRACE) {
    fail(
      `a header starts with "{", got byte 0x${first.toString(16).padStart(2, "0")}; this is another kind of file`,
    );
  }
  if (start > fileBytes)
    fail(`the header ends at byte ${start}, got a file of ${fileBytes} bytes; it is truncated`);
  return start;
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (error) {
    // Some hosts quote the text around the fault, line ends included.
    const reason = String(error).replace(/\s+/g, " ");
    fail(`the header of ${bytes.length} bytes must be JSON in UTF-8, got ${reason}`);
  }
  if (!isRecord(header)) fail(`the header must be a JSON object, got ${shown(header)}`);
  const twice = duplicateKey(text);
  if (twice !== undefined) fail(`names must be distinct, got ${shown(twice)} twice`);
  return header;
}

function describe(name: string, entry: unknown): StoredEntry {
  if (!isRecord(entry)) fail(`${shown(name)} must have dtype, shape and data_offsets, got ${shown(entry)}`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype))
    fail(`${shown(name)} must have a dtype of ${Object.keys(dtypes).join(", ")}, got ${shown(dtype)}`);
  if (!isWholeArray(shape)) fail(`${shown(name)} must have a shape of whole numbers, got ${shown(shape)}`);
  if (!isWholeArray(offsets) || offsets.length !== 2) {
    fail(`${shown(name)} must have two data_offsets in bytes, got ${shown(offsets)}`);
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  const bytes = shape.reduce((product, dim) => product * dim, dtypes[dtype].bytes);
  if (end - begin !== bytes) {
    fail(
      `${shown(name)} of shape [${shape}] in ${dtype} takes ${bytes} bytes, got data_offsets [${begin}, ${end}]`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function isDtype(value: unknown): value is StoredDtype {
  return typeof value === "string" && Object.hasOwn(dtypes, value);
}

function isWholeArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isWhole);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
