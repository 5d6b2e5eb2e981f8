// A grid edited like a sheet: arrow keys and Enter move, Ctrl+D fills down, pasting a block of cells fills right and down.
const rows = () => [...document.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("input.grid-cell")]);
const place = (grid, cell) => grid.flatMap((row, r) => (row.includes(cell) ? [[r, row.indexOf(cell)]] : []))[0];
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], Enter: [1, 0] };
const isChanged = (cell) => cell.value !== cell.defaultValue;
const changed = (cell) => cell.dispatchEvent(new Event("change", { bubbles: true }));

document.addEventListener("keydown", (event) => {
  if (!event.target.matches("input.grid-cell")) return;
  const grid = rows();
  const [r, c] = place(grid, event.target);
  if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    fillDown(grid, r, c, event.shiftKey);
    return;
  }
  const step = STEPS[event.key];
  const next = step && grid[r + step[0]]?.[c + step[1]];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});

// Ctrl+D takes the value of the cell above; with Shift this cell's value goes to every cell below.
function fillDown(grid, r, c, toEnd) {
  const from = toEnd ? grid[r][c] : grid[r - 1]?.[c];
  const into = toEnd ? grid.slice(r + 1).map((row) => row[c]).filter(Boolean) : [grid[r][c]];
  if (!from || !into.length) return;
  into.forEach((cell) => { cell.value = from.value; });
  changed(into[0]);
}

// Only what was changed is sent: a large grid stays a small form. What came back unsaved is sent again whole.
document.addEventListener("submit", (event) => {
  if ("unsaved" in event.target.dataset) return;
  rows().flat().filter((cell) => cell.form === event.target && !isChanged(cell)).forEach((cell) => { cell.disabled = true; });
});
window.addEventListener("pageshow", () => rows().flat().forEach((cell) => { cell.disabled = false; }));
document.addEventListener("htmx:configRequest", (event) => {
  rows().flat().filter((cell) => !isChanged(cell)).forEach((cell) => { delete event.detail.parameters[cell.name]; });
});

document.addEventListener("paste", (event) => {
  if (!event.target.matches("input.grid-cell")) return;
  const block = event.clipboardData.getData("text").replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
  if (block.length === 1 && block[0].length === 1) return;
  event.preventDefault();
  const grid = rows();
  const [top, left] = place(grid, event.target);
  block.forEach((line, r) => line.forEach((text, c) => {
    const cell = grid[top + r]?.[left + c];
    if (cell) cell.value = text.trim();
  }));
  changed(event.target);
});
