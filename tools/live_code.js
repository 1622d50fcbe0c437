// Makes the cells of a served page live: change the code, press Run or Shift+Enter. What stands
// above and has not run yet runs first. `serve_book.py` adds this script and runs the code.
const cells = [...document.querySelectorAll("div.cell:has(div.cell_input)")];
let socket = null;

const style = document.createElement("style");
style.textContent = `
  .live-bar { display: flex; gap: .6rem; align-items: center; padding: .3rem .6rem; }
  .live-bar button { font: inherit; font-size: .85rem; padding: .1rem .7rem; border-radius: 6px;
    border: 1px solid var(--book-line); background: var(--pst-color-background);
    color: var(--pst-color-text-base); }
  .live-bar output { font-size: .85rem; color: var(--pst-color-text-muted); }`;
document.head.append(style);

function codeOf(cell) { return cell.querySelector("div.cell_input pre"); }

function say(cell, text) { cell.querySelector(".live-bar output").textContent = text; }

function connect() {
  socket = new WebSocket(`ws://${location.host}/kernel`);
  socket.onmessage = (event) => show(JSON.parse(event.data));
  socket.onclose = () => { for (const cell of cells) { delete cell.dataset.ran; say(cell, ""); } };
  return new Promise((resolve) => { socket.onopen = resolve; });
}

async function run(last) {
  if (!socket || socket.readyState > 1) { await connect(); }
  for (const [number, cell] of cells.entries()) {
    if (number > last || (cell.dataset.ran && number < last)) { continue; }
    cell.dataset.ran = "yes";
    say(cell, "running …");
    places(cell).replaceChildren();
    socket.send(JSON.stringify({ cell: number, code: codeOf(cell).innerText }));
  }
}

function places(cell) {
  let output = cell.querySelector("div.cell_output");
  if (!output) {
    output = document.createElement("div");
    output.className = "cell_output docutils container";
    cell.append(output);
  }
  return output;
}

function text(content) {
  const box = document.createElement("div"), pre = document.createElement("pre");
  box.className = "output text_plain";
  pre.textContent = content.replace(/\x1b\[[0-9;]*m/g, "");
  box.append(pre);
  return box;
}

function drawn(data) {
  if (data["text/html"]) {
    const html = [data["text/html"]].flat().join("");
    return document.createRange().createContextualFragment(html);  // runs its scripts
  }
  if (data["image/png"]) {
    return Object.assign(new Image(), { src: `data:image/png;base64,${data["image/png"]}`,
      alt: data["text/plain"] ?? "" });
  }
  return text([data["text/plain"] ?? ""].flat().join(""));
}

function show({ cell: number, type, content }) {
  const cell = cells[number], output = places(cell);
  if (type === "stream") { output.append(text(content.text)); }
  if (type === "display_data" || type === "execute_result") { output.append(drawn(content.data)); }
  if (type === "error") {
    output.append(text(content.traceback.join("\n")));
    delete cell.dataset.ran;
  }
  if (type === "done") { say(cell, cell.dataset.ran ? "done" : "failed"); }
}

for (const [number, cell] of cells.entries()) {
  const bar = document.createElement("div"), button = document.createElement("button");
  bar.className = "live-bar";
  button.textContent = "Run";
  button.onclick = () => run(number);
  bar.append(button, document.createElement("output"));
  cell.querySelector("div.cell_input").append(bar);
  const code = codeOf(cell);
  code.contentEditable = "plaintext-only";
  code.setAttribute("role", "textbox");
  code.setAttribute("aria-label", "Code of this cell");
  code.onkeydown = (event) => {
    if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); run(number); }
  };
}
