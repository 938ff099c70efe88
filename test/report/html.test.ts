// Templates escape whatever is put into them, everywhere.
import fc from "fast-check";
import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { escapeHtml, html, json, trusted } from "../../src/report/html";

test("text and attributes read back as they were given", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(..."<>&\"'`\r\n =/!-abc;#"),
      fc.string({ unit: "grapheme", maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(
      text.filter((s) => !s.includes("\0")),
      (given) => {
        const { document } = parseHTML(
          `<html><body>${html`<p title="${given}">${given}</p>`.text}</body></html>`,
        );
        const paragraph = document.querySelector("p")!;
        expect(paragraph.getAttribute("title")).toBe(given);
        expect(paragraph.textContent).toBe(given);
        expect(document.body.children).toHaveLength(1);
      },
    ),
  );
});

test("markup, lists, numbers and absent values", () => {
  expect(html`<b>${html`<i>${"<"}</i>`}</b>`.text).toBe("<b><i>&#60;</i></b>");
  expect(html`${["a", 1, html`<br>`, [trusted("&nbsp;")]]}`.text).toBe("a1<br>&nbsp;");
  expect(html`[${undefined}${null}${false}${0}${""}]`.text).toBe("[0]");
  expect(escapeHtml("a\rb")).toBe("a&#13;b");
});

test("JSON in a script cannot end it, and reads back", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, extra) => {
      const given = [value, `</script>${extra}<!--\u2028`];
      const { text } = json(given);
      expect(text).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(given));
    }),
  );
});
