// Shows records with similar titles while a title is typed, so that nobody writes what is there
// already. The page works without this module: the preview shows the same.

const form = document.querySelector("form[data-draft]");
const place = document.querySelector("[data-similar]");
const said = document.querySelector("[data-similar-said]");
const texts = document.querySelector("[data-texts=similar]").dataset;
const title = form.elements.title;
const QUIET_MS = 500;
const LETTERS_MIN = 6;
let timer = 0;
let asked = new AbortController();

async function look() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const body = new URLSearchParams({ nyckel: form.elements.nyckel.value, title: title.value });
  if (form.elements.erfarenhet) body.set("erfarenhet", form.elements.erfarenhet.value);
  try {
    const isEnough = title.value.trim().length >= LETTERS_MIN;
    const answer = isEnough && await fetch("/skriv/liknande", { method: "POST", body, signal });
    show(answer && answer.ok ? await answer.text() : "");
  } catch { /* a later question took its place, or the node cannot be reached just now */ }
}

function show(html) {
  const made = new DOMParser().parseFromString(html, "text/html");
  const count = made.querySelectorAll("li").length;
  place.querySelector("div").replaceChildren(...made.body.children);
  place.hidden = !count;
  const words = count ? texts.found.replace("{count}", count) : "";
  if (said.textContent !== words) said.textContent = words;
}

title.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, QUIET_MS);
});
look();
