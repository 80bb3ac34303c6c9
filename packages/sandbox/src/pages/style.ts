// The look of every page the sandbox shows: one sheet, light and dark, no request to anywhere.

export const style = `
:root {
  color-scheme: light dark;
  --bg: light-dark(#f5f5f7, #0d0e12);
  --card: light-dark(#ffffff, #171922);
  --line: light-dark(#e2e3e8, #2a2d3a);
  --ink: light-dark(#16171d, #eef0f6);
  --dim: light-dark(#63667a, #9297ab);
  --accent: light-dark(#e3254f, #ff4d74);
  --accent2: light-dark(#0b8f96, #35d9dd);
  --good: light-dark(#12784a, #4fd694);
  --bad: light-dark(#b3261e, #ff8a80);
  --wait: light-dark(#8a5a00, #ffc766);
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--accent2); }
h1, h2, h3, p { margin: 0; }
code, .mono { font-family: var(--mono); font-size: .84em; overflow-wrap: anywhere; }
.dim { color: var(--dim); }
.page { max-width: 1180px; margin: 0 auto; padding: 0 20px 64px; }
header.top { position: sticky; top: 0; z-index: 2; background: color-mix(in srgb, var(--bg) 88%, transparent); backdrop-filter: blur(10px); border-bottom: 1px solid var(--line); }
header.top .bar { max-width: 1180px; margin: 0 auto; padding: 12px 20px; display: flex; align-items: center; gap: 16px; flex-wrap: wrap; }
.brand { display: flex; align-items: center; gap: 10px; font-weight: 700; font-size: 17px; letter-spacing: -.01em; }
.mark { width: 22px; height: 22px; border-radius: 7px; background: linear-gradient(135deg, var(--accent2), var(--accent)); }
nav { display: flex; gap: 14px; margin-left: auto; flex-wrap: wrap; }
nav a { color: var(--dim); text-decoration: none; font-size: 14px; }
nav a:hover { color: var(--ink); }
section { margin-top: 34px; scroll-margin-top: 70px; }
section > h2 { font-size: 19px; letter-spacing: -.01em; margin-bottom: 4px; }
section > .dim { margin-bottom: 14px; font-size: 14px; }
.stats { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin-top: 24px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 16px; }
.stat b { display: block; font-size: 25px; letter-spacing: -.02em; line-height: 1.2; font-variant-numeric: tabular-nums; }
.stat span { color: var(--dim); font-size: 13px; }
.grid { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); }
.post { padding: 0; overflow: hidden; display: flex; flex-direction: column; }
.post video { width: 100%; aspect-ratio: 4 / 5; background: #000; object-fit: contain; }
.post .text { padding: 14px 16px 16px; display: flex; flex-direction: column; gap: 8px; flex: 1; }
.post .chips:last-child { margin-top: auto; padding-top: 4px; align-items: center; justify-content: space-between; }
.caption { font-weight: 600; overflow-wrap: anywhere; }
.who { display: flex; align-items: center; gap: 10px; min-width: 0; }
.who img { width: 34px; height: 34px; border-radius: 50%; flex: none; }
.who div { min-width: 0; line-height: 1.25; }
.who .dim { font-size: 13px; }
dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 10px; margin: 0; font-size: 13px; }
dt { color: var(--dim); }
dd { margin: 0; min-width: 0; overflow: hidden; text-overflow: ellipsis; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chip { font-size: 12px; font-weight: 600; padding: 2px 9px; border-radius: 99px; border: 1px solid var(--line); color: var(--dim); white-space: nowrap; }
.chip.good { color: var(--good); border-color: color-mix(in srgb, var(--good) 40%, transparent); }
.chip.bad { color: var(--bad); border-color: color-mix(in srgb, var(--bad) 40%, transparent); }
.chip.wait { color: var(--wait); border-color: color-mix(in srgb, var(--wait) 40%, transparent); }
.empty { padding: 34px 20px; text-align: center; color: var(--dim); border: 1px dashed var(--line); border-radius: 14px; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
.tall { max-height: 460px; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; font-weight: 600; color: var(--dim); font-size: 12px; position: sticky; top: 0; background: var(--card); }
th, td { padding: 8px 12px; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
td.num { font-variant-numeric: tabular-nums; white-space: nowrap; }
progress { width: 100%; height: 8px; border: 0; border-radius: 99px; overflow: hidden; background: var(--line); }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: linear-gradient(90deg, var(--accent2), var(--accent)); }
progress::-moz-progress-bar { background: var(--accent); }
form.inline { display: flex; gap: 8px; flex-wrap: wrap; align-items: end; }
label { display: grid; gap: 3px; font-size: 12.5px; color: var(--dim); }
input, select, button { font: inherit; font-size: 14px; border-radius: 9px; border: 1px solid var(--line); padding: 7px 11px; background: var(--bg); color: var(--ink); min-width: 0; }
button { cursor: pointer; font-weight: 600; background: var(--card); }
button:hover { border-color: var(--dim); }
button.go { background: var(--accent); border-color: var(--accent); color: light-dark(#fff, #20060c); }
button.small { padding: 4px 10px; font-size: 13px; }
:focus-visible { outline: 2px solid var(--accent2); outline-offset: 2px; }
details.card > summary { cursor: pointer; font-weight: 600; }
.knob { display: grid; grid-template-columns: minmax(0, 1fr) 250px; gap: 6px 18px; align-items: center; padding: 10px 0; border-top: 1px solid var(--line); }
.knob.set code { color: var(--accent); font-weight: 700; }
.knob .dim { font-size: 13px; }
.knob form { display: flex; gap: 6px; }
.knob input, .knob select { flex: 1; }
main.narrow { max-width: 520px; margin: 5vh auto; padding: 0 18px 40px; }
.consent { display: grid; gap: 20px; padding: 26px; }
.choice { display: flex; align-items: center; gap: 12px; padding: 10px 12px; border: 1px solid var(--line); border-radius: 12px; color: var(--ink); font-size: 15px; cursor: pointer; }
.choice:has(:checked) { border-color: var(--accent); }
.choice input { width: 18px; height: 18px; accent-color: var(--accent); flex: none; }
.choice .end { margin-left: auto; }
fieldset { border: 0; padding: 0; margin: 0; display: grid; gap: 8px; }
legend { padding: 0 0 8px; font-weight: 600; }
.buttons { display: flex; gap: 10px; }
.buttons button { flex: 1; padding: 11px; }
.watch { display: grid; gap: 24px; grid-template-columns: minmax(0, 3fr) minmax(280px, 2fr); margin-top: 28px; }
.watch video { width: 100%; max-height: 78vh; background: #000; border-radius: 14px; min-height: 240px; }
.note { border-left: 3px solid var(--wait); padding: 8px 12px; background: color-mix(in srgb, var(--wait) 9%, transparent); border-radius: 0 8px 8px 0; font-size: 14px; }
@media (max-width: 760px) { .watch { grid-template-columns: 1fr; } .knob { grid-template-columns: 1fr; } nav { margin-left: 0; } }
@media (prefers-reduced-motion: no-preference) { progress::-webkit-progress-value { transition: width .4s; } }
`;

/**
 * Keeps the home page current without reloading it: every two seconds the parts marked data-live are
 * replaced when they changed, except one that plays a video or holds the keyboard.
 */
export const liveScript = `
const isBusy = (part) =>
  part.contains(document.activeElement) ||
  [...part.querySelectorAll("video")].some((video) => video.currentTime > 0);
const refresh = async () => {
  if (document.visibilityState !== "visible") return;
  const response = await fetch("/").catch(() => null);
  if (response === null || !response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (next && !isBusy(part) && next.innerHTML !== part.dataset.last) {
      part.dataset.last = next.innerHTML;
      if (part.innerHTML !== next.innerHTML) part.innerHTML = next.innerHTML;
    }
  }
};
setInterval(refresh, 2000);
`;
