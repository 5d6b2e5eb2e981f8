// The quota grid edited like a sheet: arrow keys and Enter move, pasting a block of cells fills right and down.
const rows = [...document.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input.grid-cell")]);
const place = (cell) => rows.flatMap((row, r) => (row.includes(cell) ? [[r, row.indexOf(cell)]] : []))[0];
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0] };

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (!step || !event.target.matches("input.grid-cell")) return;
  const [r, c] = place(event.target);
  const next = rows[r + step[0]]?.[c + step[1]];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});

// Only what was changed is sent: a large grid stays a small form. What came back unsaved is sent again whole.
document.addEventListener("submit", (event) => {
  if ("unsaved" in event.target.dataset) return;
  rows.flat().filter((cell) => cell.form === event.target && cell.value === cell.defaultValue).forEach((cell) => { cell.disabled = true; });
});
window.addEventListener("pageshow", () => rows.flat().forEach((cell) => { cell.disabled = false; }));

document.addEventListener("paste", (event) => {
  if (!event.target.matches("input.grid-cell")) return;
  const block = event.clipboardData.getData("text").replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  if (block.length === 1 && block[0].length === 1) return;
  event.preventDefault();
  const [top, left] = place(event.target);
  block.forEach((line, r) => line.forEach((text, c) => {
    const cell = rows[top + r]?.[left + c];
    if (cell) cell.value = text.trim();
  }));
});
