import { chromium } from "playwright";
import { launchOptions } from "./chromium.ts";
import { serveSite } from "./serve-site.ts";
const site = await serveSite({ isolated: true });
const browser = await chromium.launch(launchOptions("x"));
const all = process.argv.slice(2);
for (const words of all) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(site.address + "#train?" + words);
  await page.locator("button.main:enabled").waitFor();
  const t0 = Date.now();
  let reached = "";
  await page.getByRole("button", { name: "Begin training" }).click();
  for (;;) {
    await page.waitForTimeout(250);
    const t: any = await page.evaluate("(() => { const o = {}; for (const d of document.querySelectorAll('.tiles div')) o[d.querySelector('dt').textContent] = d.querySelector('dd').textContent; o.err = document.querySelector('.error').textContent; o.done = !!document.querySelector('button.main:disabled'); return o })()");
    if (!reached && parseFloat(t.Induction) >= .8) reached = `.8 at step ${t.Step} after ${(Date.now() - t0) / 1000}s`;
    const [a, b] = (t.Step ?? "0of 1").replaceAll(",", "").split("of").map(Number);
    if (a >= b || t.err || Date.now() - t0 > 90000) { console.log(words, "\n  ", (Date.now() - t0) / 1000, "s", JSON.stringify(t), reached); break; }
  }
  await context.close();
}
await browser.close(); site.close();
