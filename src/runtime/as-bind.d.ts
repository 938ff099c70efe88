// The part of as-bind's runtime that heed uses; the package's own declarations know nothing of it.
declare module "as-bind/dist/as-bind.esm.js" {
  export interface Bound<Exports> {
    readonly exports: Exports;
    getTypeId(typeName: string): number;
  }

  export interface Converter {
    /** A value from the module's side, e.g. a pointer, to one for JavaScript. */
    ascToJs(bound: Bound<unknown>, value: number, typeName: string): unknown;
    /** The way back. */
    jsToAsc(bound: Bound<unknown>, value: unknown, typeName: string): number;
  }

  /** By type name as in the section `as-bind_bindings`; setting an entry replaces it. */
  export const converters: Map<string | RegExp, Converter>;

  export function instantiate<Exports>(
    bytes: BufferSource,
    imports: WebAssembly.Imports,
  ): Promise<Bound<Exports>>;
  export function instantiateSync<Exports>(bytes: BufferSource, imports: WebAssembly.Imports): Bound<Exports>;
}
