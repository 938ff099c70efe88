// A compiler transform that writes the custom section `as-bind_bindings`: the types of the entry file's exported functions, from
// which as-bind's runtime makes functions over JavaScript values. as-bind's own transform stops at AssemblyScript 0.19.
import { Transform } from "assemblyscript/transform";

export default class AsBindTransform extends Transform {
  afterCompile(module) {
    const typeIds = {};
    const exportedFunctions = {};
    for (const [name, { signature }] of exportedBy(this.program)) {
      const types = [signature.returnType, ...signature.parameterTypes];
      for (const type of types) {
        const { internalName, id, nextMemoryOffset } = type.getClass() ?? {};
        if (internalName) typeIds[internalName] = { id, byteSize: nextMemoryOffset };
      }
      const [returnType, ...parameters] = types.map(
        (type) => type.getClass()?.internalName ?? type.toString(),
      );
      exportedFunctions[name] = { returnType, parameters };
    }
    const section = JSON.stringify({ typeIds, importedFunctions: {}, exportedFunctions });
    module.addCustomSection("as-bind_bindings", new TextEncoder().encode(section));
  }
}

/** The functions that user entry files export, by name. Generic ones have no instance under "" and are left out. */
function exportedBy(program) {
  const USER_ENTRY = 1; // SourceKind.UserEntry
  const files = [...program.filesByName.values()].filter((file) => file.source.sourceKind === USER_ENTRY);
  const elements = files.flatMap((file) => [...(file.exports ?? [])]);
  return elements
    .map(([name, element]) => [name, element.instances?.get?.("")])
    .filter(([, instance]) => instance?.signature);
}
