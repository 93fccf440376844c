// Keeps the notice about fetching up to date while the page is open.
// The page works without this module: it then shows how far it was when the page was made.

const place = document.querySelector("[data-progress]");
const said = document.querySelector("[data-progress-said]");
const PAUSE_MS = 1500;
const PAUSE_MS_MAX = 30000;
let pause = PAUSE_MS;
let quarter = -1;

// Whoever listens hears of each quarter, not of each number.
function say() {
  const bar = place.querySelector("progress");
  const now = bar ? Math.floor((4 * bar.value) / bar.max) : 4;
  if (now !== quarter && quarter !== -1) said.textContent = place.firstElementChild.textContent;
  quarter = now;
}

function written(parent) {
  return [...parent.children].map((element) => element.outerHTML).join("");
}

async function look() {
  try {
    const answer = await fetch("/grannar/hamtning");
    if (!answer.ok) throw new Error(answer.statusText);
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (written(made.body) !== written(place)) { // what is the same keeps what is marked in it
      place.replaceChildren(...made.body.children);
      say();
    }
    pause = PAUSE_MS;
  } catch {
    pause = Math.min(2 * pause, PAUSE_MS_MAX);
  }
}

async function follow() {
  while (!place.querySelector("[data-over]")) {
    await new Promise((done) => setTimeout(done, pause));
    if (!document.hidden) await look();
  }
}

say();
follow();
