// Files are sent as soon as they are chosen or dropped, each with its progress and a way to stop.
// Without this module the same form sends them with a button.

const section = document.querySelector("[data-attachments]");
const form = section.closest("form");
const rows = section.querySelector("[data-attachment-rows]");
const drop = section.querySelector("[data-drop]");
const input = section.querySelector("input[type=file]");
const uploads = section.querySelector("[data-uploads]");
const said = section.querySelector("[data-uploads-said]");
const rowsMax = Number(section.dataset.rowsMax);
const bytesMax = Number(section.dataset.bytesMax);
const texts = section.querySelector("[data-texts=attachments]").dataset;
const waiting = [];
const about = (text, file) => text.replace("{name}", () => file.name);
let sending = false;

function numbers() {
  const hidden = [...rows.querySelectorAll("input[name$=_sha256]")];
  return hidden.map((one) => Number(one.name.split("_")[1]));
}

function freeNumber() {
  const taken = new Set(numbers());
  return [...Array(rowsMax).keys()].find((number) => !taken.has(number));
}

function line(file) {
  const box = document.createElement("div");
  box.className = "upload";
  const name = document.createElement("p");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", about(texts.sending, file));
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "plain";
  stop.textContent = about(texts.stop, file);
  box.append(name, bar, stop);
  uploads.append(box);
  return { box, name, bar, stop };
}

function fail(shown, file, words) {
  shown.bar.remove();
  shown.box.classList.add("wrong");
  shown.name.className = "error";
  shown.name.textContent = `${file.name}: ${words}`;
  said.textContent = `${file.name}: ${words}`;
  shown.stop.textContent = texts.hide;
  shown.stop.onclick = () => { shown.box.remove(); input.focus(); };
}

function take(shown, file, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const row = made.content.querySelector("li");
  rows.append(row);
  shown.box.remove();
  said.textContent = about(texts.attached, file);
  // Whoever has begun to write somewhere is not interrupted.
  const at = document.activeElement;
  const isIdle = at === document.body || at === input || uploads.contains(at);
  if (!waiting.length && isIdle) row.querySelector("input[type=text]").focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function send() {
  const next = waiting.shift();
  if (!next) { sending = false; return; }
  sending = true;
  const { file, shown } = next;
  const number = freeNumber();
  const goOn = (end) => { end(); send(); };
  if (number === undefined) {
    goOn(() => fail(shown, file, texts.full));
    return;
  }
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("nyckel", form.elements.nyckel.value);
  body.append("nummer", number);
  body.append("fil", file);
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) shown.bar.value = Math.round(100 * event.loaded / event.total);
  });
  request.addEventListener("load", () => goOn(() => {
    if (request.status === 200) take(shown, file, request.responseText);
    else fail(shown, file, request.status === 422 ? request.responseText : texts.unusual);
  }));
  const broke = () => fail(shown, file, texts.broken);
  request.addEventListener("error", () => goOn(broke));
  request.addEventListener("abort", () => goOn(() => {
    shown.box.remove();
    said.textContent = about(texts.stopped, file);
    input.focus();
  }));
  shown.stop.onclick = () => request.abort();
  request.open("POST", "/bilagor");
  request.send(body);
}

function add(files) {
  for (const file of files) {
    const shown = line(file);
    shown.stop.onclick = () => {
      waiting.splice(waiting.findIndex((one) => one.shown === shown), 1);
      shown.box.remove();
    };
    if (file.size > bytesMax) fail(shown, file, texts.tooLarge);
    else waiting.push({ file, shown });
  }
  if (!sending) send();
}

section.querySelector("[data-attach]").hidden = true;
section.querySelector("[data-drop-words]").hidden = false;
input.addEventListener("change", () => {
  add(input.files);
  input.value = "";
});
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, () => drop.classList.remove("over"));
}
drop.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  add(event.dataTransfer.files);
});
rows.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=steg]");
  if (!button) return;
  event.preventDefault();
  const row = button.closest("li");
  const name = row.querySelector("strong").textContent;
  said.textContent = about(texts.removed, { name });
  row.remove();
  input.focus();
  form.dispatchEvent(new Event("input", { bubbles: true }));
});
