// HTML that is safe by default: whatever is put into a template is escaped, unless it is HTML already.

/** Markup that needs no escaping. Made by `html`, or by `trusted` from markup of our own. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template. Nothing is written for undefined, null and false. */
export type Content = Html | string | number | undefined | null | false | readonly Content[];

/** `html\`<p title="${a}">${b}</p>\``: attributes in a template must be quoted. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(strings.reduce((text, piece, index) => text + write(values[index - 1]) + piece));
}

/** Markup, style or script that we wrote or generated ourselves; never anything that came from a user. */
export function trusted(text: string): Html {
  return new Html(text);
}

/** A text in which addresses like kexue.fm/archives/9444 break after their slashes, where a line is too short for them. */
export function addresses(text: string): Content {
  return text.split(/(?<=\w\/)(?=\w)/).map((part, index) => [index > 0 && trusted("<wbr>"), part]);
}

/** Text for any place in HTML, attributes included. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`\r]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** JSON for the inside of a script element: no sign in it can end the element or a line of JavaScript. */
export function json(value: unknown): Html {
  const text = JSON.stringify(value) ?? "null";
  return new Html(
    text.replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );
}

function write(content: Content): string {
  if (content === undefined || content === null || content === false) return "";
  if (content instanceof Html) return content.text;
  if (typeof content === "string") return escapeHtml(content);
  if (typeof content === "number") return String(content);
  return content.map(write).join("");
}
