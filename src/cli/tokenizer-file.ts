// A tokenizer from a tokenizer.json, as Hugging Face's libraries keep them, with what a tokenizer_config.json beside it adds.
import { type FolderReader, readJson, readText } from "../checkpoints/folder";
import { isJson, type Json } from "../checkpoints/settings";
import type { Tokenizer } from "../data/tokenizer";

const FILE = "tokenizer.json";
const SETTINGS = "tokenizer_config.json";
const TEMPLATE = "chat_template.jinja";

export interface FileTokenizer extends Tokenizer {
  readonly kind: "file";
  /** The id of a token by its text in the vocabulary. */
  idOf(token: string): number | undefined;
  /**
   * Ids of a message of the user, with all that comes before the answer.
   * @throws Error where the folder has no chat template
   */
  chat(message: string): Promise<Int32Array>;
}

/**
 * @param file the tokenizer's own name in the folder
 * @throws Error that names the file, when it is missing, no tokenizer, or has not the tokens that its settings name
 */
export async function openTokenizer(folder: FolderReader, file = FILE): Promise<FileTokenizer> {
  const [json, settings] = [await readJson(folder, file), await settingsOf(folder)];
  const { Tokenizer: Reader } = await import("@huggingface/tokenizers");
  let reader: InstanceType<typeof Reader>;
  try {
    reader = new Reader(json, settings);
  } catch (error) {
    throw new Error(`${file}: must be a tokenizer that heed can read, ${String(error)}`, { cause: error });
  }
  const vocabulary = vocabularyOf(reader.get_vocab(true));
  for (const name of ["bos_token", "eos_token", "unk_token"]) {
    const token = tokenText(settings[name]);
    if (token !== undefined && reader.token_to_id(token) === undefined)
      throw new Error(`${SETTINGS}: ${name} "${token}" must be in the vocabulary of ${file}, it is not`);
  }
  const template = await templateOf(folder, settings);
  const encode = (text: string, options: { readonly add_special_tokens: boolean }) => {
    const { ids, tokens } = reader.encode(text, options);
    const missing = ids.findIndex((id) => !Number.isInteger(id));
    if (missing >= 0) {
      throw new Error(
        `tokenizer: ${JSON.stringify(tokens[missing])} is not in the vocabulary of ${vocabulary.length}, and there is no token for what is unknown`,
      );
    }
    return Int32Array.from(ids);
  };
  const check = (id: number) => {
    if (vocabulary[id] === undefined)
      throw new RangeError(`tokenizer: ids run from 0 to ${vocabulary.length - 1}, got ${id}`);
    return id;
  };
  return {
    kind: "file",
    vocabulary,
    encode: (text) => encode(text, { add_special_tokens: true }),
    decode: (ids) => {
      const all = Array.from(ids, check);
      return all.length === 0 ? "" : reader.decode(all, { skip_special_tokens: true });
    },
    token: (id) => vocabulary[check(id)]!, // checked
    idOf: (token) => reader.token_to_id(token),
    toJSON: () => ({ kind: "file" }),
    async chat(message) {
      if (template === undefined) throw new Error(`there is no chat template in ${SETTINGS} or ${TEMPLATE}`);
      const { Template } = await import("@huggingface/jinja");
      const text = new Template(template).render({
        messages: [{ role: "user", content: message }],
        add_generation_prompt: true,
        bos_token: tokenText(settings.bos_token) ?? "",
        eos_token: tokenText(settings.eos_token) ?? "",
      });
      return encode(text, { add_special_tokens: false }); // the template has them
    },
  };
}

async function settingsOf(folder: FolderReader): Promise<Json> {
  return (await folder.size(SETTINGS)) === undefined ? {} : readJson(folder, SETTINGS);
}

/** A file of its own in newer folders; in older ones among the settings, alone or one of several by name. */
async function templateOf(folder: FolderReader, settings: Json): Promise<string | undefined> {
  if ((await folder.size(TEMPLATE)) !== undefined) return readText(folder, TEMPLATE);
  const { chat_template: given } = settings;
  const all = Array.isArray(given) ? given.filter(isJson) : [];
  const named = all.find(({ name }) => name === "default") ?? all[0];
  const template = named?.template ?? given;
  return typeof template === "string" ? template : undefined;
}

/** A special token, as text or as an object with its content. */
function tokenText(token: unknown): string | undefined {
  const text = isJson(token) ? token.content : token;
  return typeof text === "string" ? text : undefined;
}

/** Ids without a token have the empty text. */
function vocabularyOf(ids: ReadonlyMap<string, number>): string[] {
  const vocabulary: string[] = [];
  for (const [token, id] of ids) vocabulary[id] = token;
  return Array.from(vocabulary, (token) => token ?? "");
}
