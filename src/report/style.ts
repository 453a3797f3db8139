/** The report's style sheet: one column on a phone, a grid of cards on wider screens. */
export const style = `
:root { --ink: #1d2329; --soft: #5c6670; --line: #d9dee3; --paper: #fff; --ground: #f4f6f8; --alert: #b3261e; --warn: #8a5a00; }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1400px; margin: 0 auto; padding: 16px; }
h1 { font-size: 1.5rem; margin: 8px 0 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 32px 0 8px; }
small, .soft { color: var(--soft); font-size: .87em; }
a { color: #0b57a4; }
nav { margin: 8px 0 16px; display: flex; flex-wrap: wrap; gap: 4px 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px; }
.tile, figure, article, .scroll { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.tile { padding: 10px 12px; }
.tile b { display: block; font-size: 1.4rem; line-height: 1.2; }
.tile.alert b { color: var(--alert); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 12px; border-bottom: 1px solid var(--line); }
tr:last-child > * { border-bottom: 0; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td.wide { overflow-wrap: anywhere; min-width: 240px; }
figure { margin: 0 0 12px; padding: 12px; }
figcaption { font-weight: 600; margin-bottom: 4px; }
figcaption small { font-weight: 400; }
.row { display: flex; align-items: center; }
.row .label { flex: 0 0 8.5em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.row svg { flex: 1; min-width: 0; display: block; overflow: visible; }
.label i, .legend i { display: inline-block; width: .75em; height: .75em; margin-right: .4em; border: 1px solid #0004; border-radius: 2px; }
.grid { stroke: var(--line); }
.whisker { stroke: #8d98a3; stroke-width: 1; }
.box { stroke: #c9d1d9; stroke-width: 14; }
.median { stroke: var(--ink); stroke-width: 2; }
circle { stroke: #0007; stroke-width: .6; fill-opacity: .85; }
.strips .row .label { flex-basis: 17em; font-size: .87em; }
.strips .ends { flex: 0 0 9.5em; text-align: right; color: var(--soft); font-size: .8em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.strips .none { flex: 1; }
.strips details > summary { font-weight: 600; }
.strips summary small { font-weight: 400; }
.strips h4 { margin: 12px 0 2px; font-size: .93rem; }
#features h3 { margin: 20px 0 4px; font-size: 1.05rem; }
.maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 12px; }
#features td:first-child { white-space: nowrap; }
.maps figure { margin: 0; min-width: 0; }
.maps figcaption { overflow-wrap: anywhere; }
.multiples { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 8px; }
.multiples img { display: block; width: 100%; height: auto; image-rendering: pixelated; border: 1px solid var(--line); }
.multiples small { display: block; }
.axis text { font-size: 11px; fill: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(270px, 1fr)); gap: 12px; }
article { overflow: hidden; content-visibility: auto; contain-intrinsic-size: 270px 460px; scroll-margin-top: 8px; }
article:target { outline: 3px solid #0b57a4; }
article .picture { display: flex; justify-content: center; align-items: center; height: 260px; background: #fff; border-bottom: 1px solid var(--line); }
article .frame { position: relative; max-width: 100%; }
article .frame img { display: block; max-width: 100%; max-height: 259px; }
.scale { position: absolute; left: 6px; bottom: 6px; border-bottom: 3px solid #000; color: #000; font-size: 11px; line-height: 1.3; white-space: nowrap; text-shadow: 0 0 3px #fff, 0 0 3px #fff, 0 0 3px #fff; box-shadow: 0 1px 2px #fff; }
.nuclei img { display: block; width: 100%; max-width: 676px; margin-top: 8px; }
article:has(.nuclei[open]) { grid-column: 1 / -1; }
summary { cursor: pointer; color: #0b57a4; }
#tools { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; margin: 8px 0 12px; }
#tools[hidden] { display: none; }
#tools input:not([type=checkbox]), #tools select { font: inherit; padding: 4px 6px; border: 1px solid #aeb7c0; border-radius: 6px; background: var(--paper); max-width: 100%; }
#cards > h3 { margin: 20px 0 8px; font-size: 1.05rem; overflow-wrap: anywhere; }
#groups .soft { margin: 4px 0 0; }
.numbers td { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.numbers th { text-align: right; }
.numbers th:first-child { position: sticky; left: 0; background: var(--paper); text-align: left; min-width: 6em; max-width: 40vw; overflow-wrap: break-word; white-space: normal; }
article .text { padding: 10px 12px; }
article h3 { margin: 0 0 4px; font-size: 1rem; overflow-wrap: anywhere; }
article p { margin: 4px 0; }
.bar { display: flex; height: 10px; margin: 8px 0; border: 1px solid #0003; border-radius: 3px; overflow: hidden; }
a.flag { text-decoration: none; }
.flag { display: inline-block; background: #fff3d6; color: var(--warn); border-radius: 4px; padding: 0 6px; margin: 0 4px 4px 0; font-size: .87em; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 12px; margin: 6px 0; }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.legend span { display: inline-block; margin-right: 14px; }
@media (max-width: 640px) {
  .scroll:not(.numbers) :is(table, tbody, tr, td) { display: block; }
  .scroll:not(.numbers) tr.head { display: none; }
  .scroll:not(.numbers) tr { padding: 6px 0; border-bottom: 1px solid var(--line); }
  .scroll:not(.numbers) td { border: 0; padding: 2px 12px; }
  td[data-label]::before { content: attr(data-label) ': '; color: var(--soft); }
  .numbers th, .numbers td { padding: 6px 8px; }
  #tools label:has(input[type=search]), #tools input[type=search] { width: 100%; }
  .row { display: block; }
  .row .label { display: block; font-size: .87em; }
  .row svg { width: 100%; }
  .strips .row { display: flex; flex-wrap: wrap; margin-top: 4px; }
  .strips .row .label { flex: 1; white-space: normal; }
  .strips .row svg { order: 3; flex: 0 0 100%; }
  .strips .ends { flex: none; }
  .strips .none { flex-basis: 100%; }
  .axis text:nth-child(even) { display: none; }
}
@media print { body { background: #fff; } article { break-inside: avoid; content-visibility: visible; } }
`;
