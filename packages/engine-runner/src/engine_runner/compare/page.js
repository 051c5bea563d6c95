"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (query) => document.querySelector(query);
const make = (tag, text, parent) => {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.append(made);
  return made;
};
const short = (value) => (value === null || value === undefined ? "" : String(Number(value.toPrecision(4))));
const lowerIsBetter = (key) => /loss|err|mae|mse|perplexity|ppl|fid|distance/i.test(key);
const COLUMNS = 12; // runs side by side
data.runs.forEach((run, i) => {
  run.color = `hsl(${(i * 137.5) % 360} 65% 48%)`;
  run.on = i < 200;
  run.shown = true;
});
const chosen = () => data.runs.filter((run) => run.on && run.shown);

// The table of runs: numbers, and the settings that differ.
const columns = [
  ["run", (run) => run.name],
  ...data.metrics.flatMap((key) => [
    [`${key} best`, (run) => run.best[key], key],
    [`${key} last`, (run) => run.last[key]],
  ]),
  ["s/iter", (run) => run.seconds],
  ["MB", (run) => run.memory],
  ["seed", (run) => run.seed],
  ["torch", (run) => run.torch],
  ...data.differences.slice(0, COLUMNS).map((each) => [each.key, (run) => each.values[data.runs.indexOf(run)]]),
].filter(([, value]) => data.runs.some((run) => value(run) !== undefined && value(run) !== null));
let order = [...data.runs];
let sorted = [null, 1];

function drawTable() {
  const table = $("#runs");
  table.replaceChildren();
  const head = make("tr", undefined, make("thead", undefined, table));
  columns.forEach(([name, value], i) => {
    const mark = sorted[0] === i ? (sorted[1] > 0 ? " ▲" : " ▼") : "";
    make("th", name + mark, head).onclick = () => {
      sorted = [i, sorted[0] === i ? -sorted[1] : 1];
      const empty = (x) => x === undefined || x === null || x === "";
      order.sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (empty(x) || empty(y)) return empty(x) - empty(y);
        return sorted[1] * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true }));
      });
      drawTable();
    };
  });
  const best = new Map();
  for (const [name, value, key] of columns) {
    const numbers = key === undefined ? [] : data.runs.map(value).filter((x) => x !== null && x !== undefined);
    if (numbers.length) best.set(name, numbers.reduce((a, b) => (lowerIsBetter(key) === a < b ? a : b)));
  }
  const body = make("tbody", undefined, table);
  for (const run of order.filter((each) => each.shown)) {
    const row = make("tr", undefined, body);
    row.className = run.on ? "" : "off";
    columns.forEach(([name, value], i) => {
      const cell = make("td", undefined, row);
      const found = value(run);
      if (i === 0) {
        const box = make("input", undefined, cell);
        box.type = "checkbox";
        box.checked = run.on;
        box.onchange = () => { run.on = box.checked; row.className = run.on ? "" : "off"; drawChosen(); };
        make("span", undefined, cell).className = "swatch";
        cell.lastChild.style.background = run.color;
        cell.append(found);
      } else {
        cell.textContent = typeof found === "number" ? short(found) : (found ?? "");
        if (best.has(name) && found === best.get(name)) cell.className = "best";
      }
    });
  }
}

// Curves on a canvas.
function smoothed(values, weight) {
  let mean = 0, count = 0;
  return values.map((value) => {
    if (value === null) return null;
    mean = weight * mean + (1 - weight) * value;
    count += 1;
    return mean / (1 - weight ** count);
  });
}
let drawn = [], frame = null;

function ticks(low, high, wanted) {
  const raw = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((each) => each * power >= raw) * power, found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step / 1e6; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

function drawPlot() {
  const canvas = $("canvas"), key = $("#key").value, weight = Number($("#smooth").value), isLog = $("#log").checked;
  const width = canvas.clientWidth, height = canvas.clientHeight, ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const up = (value) => (isLog ? (value > 0 ? Math.log10(value) : null) : value);
  drawn = [];
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const run of chosen()) {
    const curve = run.curves[key];
    if (!curve) continue;
    const values = (weight ? smoothed(curve[1], weight) : curve[1]).map((value) => (value === null ? null : up(value)));
    drawn.push({ run, steps: curve[0], values });
    for (let i = 0; i < values.length; i++) {
      if (values[i] === null) continue;
      x0 = Math.min(x0, curve[0][i]); x1 = Math.max(x1, curve[0][i]);
      y0 = Math.min(y0, values[i]); y1 = Math.max(y1, values[i]);
    }
  }
  const style = getComputedStyle(document.body);
  pen.font = "12px system-ui, sans-serif";
  pen.fillStyle = style.color;
  if (!(x1 >= x0)) {
    pen.fillText("no run that is chosen has this scalar", 24, 32);
    frame = null;
    return;
  }
  if (x1 === x0) { x0 -= 0.5; x1 += 0.5; }
  const margin = (y1 - y0) * 0.05 || Math.abs(y1) * 0.05 || 1;
  y0 -= margin; y1 += margin;
  const [left, right, top, bottom] = [64, 16, 14, 34];
  const px = (x) => left + ((x - x0) / (x1 - x0)) * (width - left - right);
  const py = (y) => height - bottom - ((y - y0) / (y1 - y0)) * (height - top - bottom);
  pen.strokeStyle = "#8884";
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const y of ticks(y0, y1, 6)) {
    pen.beginPath(); pen.moveTo(left, py(y)); pen.lineTo(width - right, py(y)); pen.stroke();
    pen.fillText(isLog ? short(10 ** y) : short(y), left - 8, py(y));
  }
  pen.textAlign = "center";
  for (const x of ticks(x0, x1, 8)) pen.fillText(short(x), px(x), height - bottom + 16);
  pen.textAlign = "right";
  pen.fillText(drawn[0].run.unit, width - right, height - 6);
  pen.lineWidth = drawn.length > 100 ? 0.7 : 1.5;
  for (const { run, steps, values } of drawn) {
    pen.strokeStyle = pen.fillStyle = run.color;
    pen.beginPath();
    let isDown = false;
    for (let i = 0; i < values.length; i++) {
      if (values[i] === null) { isDown = false; continue; }
      if (isDown) pen.lineTo(px(steps[i]), py(values[i]));
      else pen.moveTo(px(steps[i]), py(values[i]));
      isDown = true;
    }
    pen.stroke();
    if (values.length === 1 && isDown) pen.fillRect(px(steps[0]) - 3, py(values[0]) - 3, 6, 6);
  }
  frame = { px, py, back: (y) => (isLog ? 10 ** y : y) };
}

$("canvas").onmousemove = (event) => {
  const box = $("#value");
  let found = null;
  if (frame) {
    for (const line of drawn) {
      for (let i = 0; i < line.values.length; i++) {
        if (line.values[i] === null) continue;
        const gap = Math.hypot(frame.px(line.steps[i]) - event.offsetX, frame.py(line.values[i]) - event.offsetY);
        if (!found || gap < found.gap) found = { gap, line, i };
      }
    }
  }
  box.hidden = !found || found.gap > 60;
  if (box.hidden) return;
  const { line, i } = found;
  box.textContent = `${line.run.name}: ${short(frame.back(line.values[i]))} at ${line.run.unit} ${short(line.steps[i])}`;
  const x = frame.px(line.steps[i]);
  box.style.left = x > event.target.clientWidth / 2 ? "" : `${x + 12}px`;
  box.style.right = x > event.target.clientWidth / 2 ? `${event.target.clientWidth - x + 12}px` : "";
  box.style.top = `${Math.max(0, frame.py(line.values[i]) - 34)}px`;
};
$("canvas").onmouseleave = () => { $("#value").hidden = true; };

// What the configs differ in, and pictures: of the runs that are chosen.
function drawSettings() {
  const table = $("#settings table"), runs = chosen().slice(0, COLUMNS);
  table.replaceChildren();
  $("#settings").hidden = !data.differences.length;
  const head = make("tr", undefined, make("thead", undefined, table));
  for (const name of ["", ...runs.map((run) => run.name)]) make("th", name, head);
  const body = make("tbody", undefined, table);
  for (const each of data.differences) {
    const row = make("tr", undefined, body);
    make("td", each.key, row);
    for (const run of runs) {
      const at = data.runs.indexOf(run), cell = make("td", each.values[at] ?? "—", row);
      if (each.places[at]) make("small", each.places[at], cell);
    }
  }
}

function drawPictures() {
  const place = $("#pictures div"), runs = chosen().slice(0, COLUMNS);
  place.replaceChildren();
  const names = [...new Set(runs.flatMap((run) => run.pictures.map((one) => one.name)))];
  $("#pictures").hidden = !names.length;
  for (const name of names) {
    const group = make("figure", undefined, place);
    make("figcaption", name, group);
    const row = make("div", undefined, group);
    row.className = "row";
    for (const run of runs) {
      const last = run.pictures.filter((one) => one.name === name).at(-1);
      if (!last) continue;
      const one = make("figure", undefined, row), image = make("img", undefined, one);
      image.src = last.src;
      image.alt = name;
      make("figcaption", run.name + (last.step === null ? "" : `, step ${last.step}`), one);
    }
  }
}

function drawChosen() {
  drawPlot();
  drawSettings();
  drawPictures();
}

$("h1").textContent = document.title;
for (const key of data.keys) make("option", key, $("#key"));
$("#key").value = data.metrics[0] ?? data.keys[0];
for (const id of ["#key", "#smooth", "#log"]) $(id).oninput = drawPlot;
$("#filter").oninput = () => {
  const text = $("#filter").value.toLowerCase();
  for (const run of data.runs) run.shown = run.name.toLowerCase().includes(text);
  drawTable();
  drawChosen();
};
window.onresize = drawPlot;
matchMedia("(prefers-color-scheme: dark)").onchange = drawPlot;
drawTable();
drawChosen();
