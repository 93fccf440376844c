// Saves what is being written as a draft on the node, every few seconds while somebody writes. What
// the node has not got is kept in this browser, and sent when the node can be reached again.
// The page works without this module: it has a button that saves.

const form = document.querySelector("form[data-draft]");
const statuses = document.querySelectorAll("[data-draft-status]");
const trouble = document.querySelector("[data-draft-trouble]");
const texts = document.querySelector("[data-texts=drafts]").dataset;
const { utkast: draft, utkast_version: version, fonster: ownWindow } = form.elements;
const FIRST_MS = 1200;
const BETWEEN_MS = 4000;
const AGAIN_MS = 5000;
const ANSWER_MS_MAX = 20000;
const OFFERS_MAX = 3;
const NOT_TYPED = new Set(["nyckel", "formular", "utkast", "utkast_version", "fonster"]);
const PREFIX = `tidan-utkast-${form.dataset.draft}-`;

function typed() {
  const pairs = [...new FormData(form)].filter(
    ([name, value]) => !NOT_TYPED.has(name) && typeof value === "string" && value !== "");
  return Object.fromEntries(pairs);
}
const asText = (values) => JSON.stringify(Object.entries(values).sort());

let sent = asText(typed());
let timer = 0;
let savedAt = 0;
let isSaving = false;
let isStopped = false;

function say(words) {
  for (const status of statuses) status.textContent = words;
}

// Said once: a box whose words stay the same is not read out again.
function warn(words, choice = "") {
  const [place, button] = [trouble.querySelector("p"), trouble.querySelector("button")];
  if (place.textContent !== words) place.textContent = words;
  button.textContent = choice;
  button.hidden = !choice;
  trouble.hidden = !words;
}

function clock() {
  const time = new Intl.DateTimeFormat("sv-SE", {
    hour: "2-digit", minute: "2-digit", timeZone: "Europe/Stockholm" });
  const [hour, minute] = time.format(new Date()).split(":");
  return texts.clock.replace("{hour}", hour).replace("{minute}", minute);
}

function keepHere() {
  const copy = { draft: draft.value, version: version.value, action: form.action, typed: typed() };
  try {
    localStorage.setItem(PREFIX + draft.value, JSON.stringify(copy));
    return texts.kept.replace("{time}", clock());
  } catch {
    return texts.keptNowhere;
  }
}

function forgetHere(id) {
  try { localStorage.removeItem(PREFIX + id); } catch { /* then there is no copy */ }
}

async function save() {
  clearTimeout(timer);
  timer = 0;
  const text = asText(typed());
  if (isSaving || isStopped || text === sent) return;
  isSaving = true;
  let pause = BETWEEN_MS;
  try {
    const answer = await fetch(`/utkast/${draft.value}`, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    if (answer.ok) {
      const saved = await answer.json();
      [version.value, sent] = [saved.version, text];
      forgetHere(draft.value);
      say(saved.words);
      warn("");
    } else {
      pause = await refused(answer);
    }
  } catch {
    say(texts.unsaved);
    warn(texts.noContact.replace("{kept}", keepHere()));
    pause = AGAIN_MS;
  }
  isSaving = false;
  savedAt = Date.now();
  if (asText(typed()) !== sent) plan(pause);
}

async function refused(answer) {
  say(texts.unsaved);
  const kept = keepHere();
  if (answer.status === 403) {
    warn(texts.signedOut.replace("{kept}", kept));
    return AGAIN_MS;
  }
  if (answer.status === 413) {
    warn(texts.tooLong.replace("{kept}", kept));
    return BETWEEN_MS;
  }
  if (answer.headers.get("Content-Type")?.startsWith("application/json")) {
    const { what, words } = await answer.json();
    if (what === "full") {
      warn(words);
    } else {
      isStopped = true;
      const choices = { changed: texts.compare, gone: texts.saveAnew };
      warn(`${words} ${kept}`, choices[what]);
    }
    return AGAIN_MS;
  }
  warn(texts.refused.replace("{kept}", kept));
  return AGAIN_MS;
}

function plan(wait) {
  if (!timer && !isStopped) timer = setTimeout(save, wait);
}

function soon() {
  plan(Math.max(FIRST_MS, savedAt + BETWEEN_MS - Date.now()));
}

function fill(values) {
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden" || control.type === "submit") continue;
    const value = values[control.name] ?? "";
    if (control.type === "radio" || control.type === "checkbox") {
      control.checked = control.value === value;
    } else {
      control.value = value;
    }
    const folded = control.closest("details");
    if (folded && value) folded.open = true;
    control.dispatchEvent(new Event("input"));
  }
  // Lines beyond those that the form shows; the next page that the node makes has them.
  for (const [name, value] of Object.entries(values)) {
    if (form.elements[name]) continue;
    const hidden = document.createElement("input");
    [hidden.type, hidden.name, hidden.value] = ["hidden", name, value];
    form.append(hidden);
  }
}

function button(words, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

function offer(copy) {
  const box = document.createElement("section");
  box.className = "notice";
  const words = document.createElement("p");
  const { title } = copy.typed;
  words.textContent = title ? texts.offerTitled.replace("{title}", () => title) : texts.offer;
  const buttons = document.createElement("p");
  buttons.className = "buttons";
  buttons.append(
    button(texts.goOn, () => {
      fill(copy.typed);
      [draft.value, version.value] = [copy.draft, copy.version];
      box.remove();
      form.elements.title.focus();
      plan(0);
    }),
    button(texts.throwAway, () => { forgetHere(copy.draft); box.remove(); }),
  );
  box.append(words, buttons);
  form.before(box);
}

function copies() {
  const found = [];
  try {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      try {
        const copy = JSON.parse(localStorage.getItem(key));
        if (asText(copy.typed) === sent) localStorage.removeItem(key);
        else found.push(copy);
      } catch { localStorage.removeItem(key); }
    }
  } catch { /* no storage, no copies */ }
  const isNew = version.value === "0";
  return found.filter((copy) => copy.draft === draft.value
    || (isNew && copy.version === "0" && copy.action === form.action));
}

// A window that was duplicated has the name of the first; whoever has it already says so.
function nameWindow() {
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");
  ownWindow.value ||= random();
  const channel = new BroadcastChannel("tidan-utkast");
  channel.addEventListener("message", ({ data }) => {
    if (data.asks === ownWindow.value) channel.postMessage({ taken: ownWindow.value });
    if (data.taken === ownWindow.value) ownWindow.value = random();
  });
  channel.postMessage({ asks: ownWindow.value });
}

nameWindow();
if (version.value === "0") say(texts.soon);
copies().slice(0, OFFERS_MAX).forEach(offer);
form.addEventListener("input", soon);
form.addEventListener("change", soon);
window.addEventListener("online", save);
window.addEventListener("pagehide", () => {
  if (asText(typed()) === sent) return;
  keepHere();
  const last = new URLSearchParams(new FormData(form));
  if (!isStopped) navigator.sendBeacon(`/utkast/${draft.value}`, last);
});
