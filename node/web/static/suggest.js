// Completes the word that is being typed in the search box, with words that texts here have. The
// browser shows them as it shows any list of values; without this module one types on.

const box = document.querySelector('input[type="search"][name="q"]');
const list = document.createElement("datalist");
const QUIET_MS = 150;
const LETTERS_MIN = 2;
let timer = 0;
let asked = new AbortController();

async function look() {
  asked.abort();
  asked = new AbortController();
  const last = box.value.split(" ").pop();
  if (last.length < LETTERS_MIN) return;
  try {
    const address = `/sok/forslag?q=${encodeURIComponent(box.value)}`;
    const answer = await fetch(address, { signal: asked.signal });
    if (!answer.ok) return;
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.replaceChildren(...made.querySelectorAll("option"));
  } catch { /* a later letter took its place, or the node cannot be reached just now */ }
}

list.id = "ordforslag";
box.after(list);
box.setAttribute("list", list.id);
box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, QUIET_MS);
});
