// Makes the cells of a served page live: change the code, press Run or Shift+Enter. What stands
// above and has not run yet runs first. `serve_book.py` adds this script and runs the code.
const cells = [...document.querySelectorAll("div.cell:has(div.cell_input)")];
let connection = null; // a promise of the socket

const reloader = document.createElement("script"); // it finds host and port in its own address
reloader.src = `/livereload.js?port=${location.port || 80}`;
document.head.append(reloader);

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
  const socket = new WebSocket(`ws://${location.host}/kernel`);
  socket.onmessage = (event) => show(JSON.parse(event.data));
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(socket);
    socket.onclose = ({ reason }) => {
      connection = null;
      reject(new Error("no kernel: is the server running, and was its address opened?"));
      forget(reason || "the connection has ended");
    };
  });
}

/** The next kernel knows nothing of what ran in the last one. */
function forget(text) {
  for (const cell of cells) {
    if (cell.dataset.ran) { say(cell, text); }
    delete cell.dataset.ran;
  }
}

async function run(last) {
  try {
    const socket = await (connection ??= connect());
    for (const [number, cell] of cells.entries()) {
      if (number > last || (cell.dataset.ran && number < last)) { continue; }
      cell.dataset.ran = "yes";
      say(cell, "running …");
      places(cell).replaceChildren();
      socket.send(JSON.stringify({ cell: number, code: codeOf(cell).innerText }));
    }
  } catch (error) {
    say(cells[last], error.message);
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
  if (type === "ended") { return forget("its kernel has ended"); }
  if (type === "refused") { return forget(content); }
  const cell = cells[number], output = places(cell);
  if (type === "execute_input") { output.replaceChildren(); } // it may run for the second time
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
