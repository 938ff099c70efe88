// The look of all reports: one style sheet, colours that follow light and dark mode, readable from 375 pixels on.
//
// c1..c8 are Okabe and Ito's colours (told apart with every kind of colour vision), darkened or lightened until they stand out from
// the background. heat-0..2 and minus-1..2 run evenly from the background to full ink, so that weights compare by lightness alone.
export const style = `
:root {
  color-scheme: light dark;
  --bg: #ffffff; --panel: #f5f6f8; --ink: #1c2127; --soft: #57606a; --edge: #d5dae0; --grid: #e8ebef;
  --faint: #b3bcc6; --reference: #7a828c; --missing: #d0d4d9; --accent: #0068a8;
  --good: #00694c; --bad: #a8380a;
  --c1: #0072b2; --c2: #d55e00; --c3: #00835f; --c4: #b8578f; --c5: #9a7400; --c6: #2a8fc9; --c7: #1c2127; --c8: #7559b5;
  --heat-0: #ffffff; --heat-1: #6aaed6; --heat-2: #08306b; --minus-1: #f2a25c; --minus-2: #7a3200; --masked: #d9dce0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #14171b; --panel: #1d2126; --ink: #e6e9ec; --soft: #a2abb5; --edge: #363d45; --grid: #272c33;
    --faint: #515b66; --reference: #98a2ad; --missing: #3a414a; --accent: #6cbcf0;
    --good: #43cfa2; --bad: #ff9a66;
    --c1: #56b4e9; --c2: #ff8b45; --c3: #2fcf9f; --c4: #e597c3; --c5: #f0c648; --c6: #9ad1ff; --c7: #e6e9ec; --c8: #b7a0ea;
    --heat-0: #14171b; --heat-1: #2f7fb8; --heat-2: #d6ecff; --minus-1: #c06a1e; --minus-2: #ffe3c4; --masked: #3a3f46;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, header, footer { max-width: 832px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 28px; }
footer { margin-top: 48px; padding-bottom: 32px; color: var(--soft); font-size: 14px; }
h1 { font-size: 28px; line-height: 1.25; margin: 4px 0 12px; overflow-wrap: anywhere; }
h2 { font-size: 21px; margin: 44px 0 10px; padding-top: 14px; border-top: 1px solid var(--edge); }
h3 { font-size: 16px; margin: 0 0 6px; }
p { margin: 0 0 12px; }
.kicker { margin: 0; color: var(--soft); font-size: 14px; }
.lead { font-size: 18px; }
.note, figcaption { color: var(--soft); font-size: 14px; }
figure { margin: 20px 0 28px; min-width: 0; }
figcaption { margin-top: 6px; }
.plot { display: block; max-width: 100%; height: auto; --plot-background: var(--bg); font-family: inherit; }
.plot text { white-space: pre; }
.narrow { display: none; }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 32px; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 0 0 8px; padding: 0; font-size: 14px; align-items: center; }
.legend li { display: flex; gap: 6px; align-items: center; min-width: 0; overflow-wrap: anywhere; }
.legend svg { flex: none; }
.ramp { display: inline-block; vertical-align: -1px; width: 120px; height: 12px; margin: 0 4px; border: 1px solid var(--edge); }
.ramp.weights { background: linear-gradient(90deg, var(--heat-0), var(--heat-1), var(--heat-2)); }
.ramp.minus { background: linear-gradient(90deg, var(--minus-2), var(--minus-1), var(--heat-0)); margin-right: -5px; border-right: 0; }
.ramp[hidden] { display: none; }
select { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--edge); border-radius: 4px; padding: 1px 4px; max-width: 100%; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 18px 0; }
.tiles div { background: var(--panel); border-radius: 8px; padding: 10px 14px; }
.tiles dt { color: var(--soft); font-size: 14px; }
.tiles dd { margin: 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.tiles small { display: block; color: var(--soft); font-size: 13px; font-weight: 400; }
table { border-collapse: collapse; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--edge); font-variant-numeric: tabular-nums; }
td, th { overflow-wrap: break-word; }
.number { text-align: right; }
thead th { border-bottom-width: 2px; }
.settings { width: 100%; table-layout: fixed; }
.settings th { font-weight: 400; color: var(--soft); width: 34%; }
.scroll { overflow-x: auto; }
.scroll + .scroll { margin-top: 20px; }
.scroll td, .scroll th { white-space: nowrap; }
details { margin-top: 6px; font-size: 14px; }
summary { cursor: pointer; color: var(--accent); }
details .scroll { max-height: 360px; overflow-y: auto; margin-top: 6px; }
pre { background: var(--panel); border-radius: 8px; padding: 12px 14px; margin: 0 0 12px; font: 14px/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.prompt { color: var(--soft); border-bottom: 2px solid var(--accent); }
.verdict { white-space: nowrap; font-weight: 600; }
.pass { color: var(--good); } .fail { color: var(--bad); } .not-run, .soft { color: var(--soft); }
.claims { width: 100%; }
.claims small { display: block; color: var(--soft); }
.viewer { margin: 16px 0; }
.viewer[hidden] { display: none; }
.heads { display: grid; gap: 8px; margin: 10px 0 14px; }
.heads button { font: 13px/1.2 inherit; color: var(--ink); background: none; border: 2px solid transparent; border-radius: 6px; padding: 4px; cursor: pointer; min-width: 0; }
.heads button[aria-checked=true] { border-color: var(--accent); background: var(--panel); font-weight: 600; }
.heads canvas { display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated; border: 1px solid var(--edge); margin-bottom: 3px; }
.scrubber[hidden] { display: none; }
.scrubber canvas { display: block; width: 100%; max-width: 640px; touch-action: manipulation; cursor: crosshair; }
.scrubber label { display: inline-flex; gap: 8px; align-items: center; }
.scrubber input { width: min(360px, 50vw); }
.scrubber .readout { font-weight: 400; color: var(--soft); min-height: 1.6em; }
.scrubber output { font-variant-numeric: tabular-nums; font-weight: 600; }
.zoom { display: block; width: 100%; max-width: 640px; touch-action: manipulation; cursor: crosshair; }
.tokens { max-width: 640px; margin: 10px 0 6px; font: 15px/1.75 ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; cursor: crosshair; }
.tokens span { display: inline-block; max-width: 100%; border-radius: 2px; box-shadow: inset 1px 0 var(--grid); }
.tokens.words span { padding: 0 3px; }
.tokens .destination { outline: 2px solid var(--c2); outline-offset: -1px; font-weight: 700; }
.tokens .unseen { color: var(--soft); }
.readout { min-height: 3em; margin: 6px 0; font-variant-numeric: tabular-nums; font-weight: 600; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 640px) {
  .wide { display: none; } .narrow { display: block; }
  .pair { grid-template-columns: minmax(0, 1fr); }
  h1 { font-size: 23px; } .lead { font-size: 17px; } .settings th { width: 46%; }
  .claims thead { display: none; }
  .claims tr { display: block; padding: 10px 0; border-bottom: 1px solid var(--edge); }
  .claims td { display: block; border: 0; padding: 2px 0; }
  .claims td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
}
@media print { details, .viewer { break-inside: avoid; } }
`;
