// Keeps what is being written in this browser until it is published, and counts characters.
// The page works without this module; nothing here is sent anywhere.

const form = document.querySelector("form[data-draft]");
const status = document.querySelector("[data-draft-status]");
const key = `tidan-utkast-${form.dataset.draft}`;
const SAVE_DELAY_MS = 800;
const NOT_KEPT = new Set(["formular", "version"]);

function typed() {
  const pairs = [...new FormData(form)].filter(([name]) => !NOT_KEPT.has(name));
  return Object.fromEntries(pairs.filter(([, value]) => value !== ""));
}

function clock() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  return `kl.\u00a0${two(now.getHours())}.${two(now.getMinutes())}`;
}

function save() {
  try {
    localStorage.setItem(key, JSON.stringify(typed()));
    status.textContent = `Utkastet sparat i den här webbläsaren ${clock()}.`;
  } catch {
    status.textContent = "Utkastet kunde inte sparas i webbläsaren. Kopiera texten innan ni går.";
  }
}

function fill(draft) {
  for (const [name, value] of Object.entries(draft)) {
    for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (control.type === "radio" || control.type === "checkbox") {
        control.checked = control.value === value;
      } else {
        control.value = value;
      }
      const folded = control.closest("details");
      if (folded && value) folded.open = true;
    }
  }
}

function offer(draft) {
  const box = document.createElement("div");
  box.className = "notice";
  const words = document.createElement("p");
  words.textContent = "Det finns ett utkast i den här webbläsaren.";
  const buttons = document.createElement("p");
  buttons.className = "buttons";
  const take = document.createElement("button");
  take.type = "button";
  take.textContent = "Fortsätt på det";
  take.addEventListener("click", () => { fill(draft); box.remove(); updateAll(); });
  const drop = document.createElement("button");
  drop.type = "button";
  drop.textContent = "Kasta det";
  drop.addEventListener("click", () => { localStorage.removeItem(key); box.remove(); });
  buttons.append(take, drop);
  box.append(words, buttons);
  form.before(box);
}

const counters = [];
function countIn(control) {
  const left = document.createElement("p");
  left.className = "count-left";
  const maximum = Number(control.dataset.count);
  const update = () => {
    const rest = maximum - control.value.length;
    const near = rest < maximum * 0.25;
    left.textContent = !near ? "" : rest >= 0
      ? `${rest} tecken kvar` : `${-rest} tecken för mycket`;
  };
  control.after(left);
  control.addEventListener("input", update);
  counters.push(update);
}
function updateAll() { for (const update of counters) update(); }

for (const control of form.querySelectorAll("[data-count]")) countIn(control);
updateAll();

let timer = 0;
form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_DELAY_MS);
});

const kept = localStorage.getItem(key);
const isFresh = !document.querySelector(".summary-of-errors") && !form.elements.title.value;
if (kept && isFresh) {
  try { offer(JSON.parse(kept)); } catch { localStorage.removeItem(key); }
}
