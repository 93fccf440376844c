// A bar of tools above each field with Markdown, and how its text will look. One stop for Tab, with
// arrow keys inside, as toolbars have it. The page works without this module.

const form = document.querySelector("form[data-draft]");
const texts = document.querySelector("[data-texts=toolbar]").dataset;
const QUIET_MS = 500;

function insert(area, from, to, text, [selectFrom, selectTo] = [text.length, text.length]) {
  area.focus();
  area.setSelectionRange(from, to);
  // The old command keeps the browser's undo; where it is gone, the text is set without.
  if (!document.execCommand("insertText", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  area.setSelectionRange(from + selectFrom, from + selectTo);
}

function bold(area) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  if (value.slice(from - 2, from) === "**" && value.slice(to, to + 2) === "**") {
    insert(area, from - 2, to + 2, value.slice(from, to), [0, to - from]);
  } else {
    const text = value.slice(from, to) || texts.emphasised;
    insert(area, from, to, `**${text}**`, [2, 2 + text.length]);
  }
}

// Puts a sign before each chosen line, or takes it away where all have it.
function prefix(area, sign) {
  const from = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  const end = area.value.indexOf("\n", area.selectionEnd);
  const to = end < 0 ? area.value.length : end;
  const lines = area.value.slice(from, to).split("\n");
  const haveIt = lines.every((line) => line.startsWith(sign));
  const text = lines.map((line) => (haveIt ? line.slice(sign.length) : sign + line)).join("\n");
  insert(area, from, to, text);
}

function link(area) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const chosen = value.slice(from, to).trim();
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  const text = isAddress || !chosen ? texts.linkText : chosen;
  const address = isAddress ? chosen : "https://";
  const start = isAddress ? 1 : text.length + 3;
  const length = isAddress ? text.length : address.length;
  insert(area, from, to, `[${text}](${address})`, [start, start + length]);
}

const TOOLS = [
  [texts.bold, bold],
  [texts.list, (area) => prefix(area, "- ")],
  [texts.heading, (area) => prefix(area, "## ")],
  [texts.link, link],
];

function makeButton(words, area) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = words;
  made.setAttribute("aria-controls", area.id);
  return made;
}

function addPreview(area, name) {
  const place = document.createElement("div");
  place.className = "prose shown-text";
  place.id = `${area.id}-visning`;
  place.setAttribute("role", "region");
  place.setAttribute("aria-label", texts.previewed.replace("{name}", name));
  place.hidden = true;
  area.after(place);
  const toggle = makeButton(texts.preview, area);
  toggle.setAttribute("aria-controls", place.id);
  toggle.setAttribute("aria-expanded", "false");
  let timer = 0;

  async function show() {
    const { nyckel, utkast } = form.elements;
    const body = new URLSearchParams({
      nyckel: nyckel.value, utkast: utkast.value, text: area.value,
    });
    const words = document.createElement("p");
    words.textContent = texts.unavailable;
    let shown = [words];
    try {
      const answer = await fetch("/skriv/forhandsvisning", { method: "POST", body });
      if (answer.ok) {
        words.textContent = texts.empty;
        const made = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (made.body.firstChild) shown = made.body.childNodes;
      }
    } catch { /* the words above stand */ }
    place.replaceChildren(...shown);
  }

  toggle.addEventListener("click", async () => {
    const isOpening = place.hidden;
    if (isOpening) await show();
    place.hidden = !isOpening;
    toggle.setAttribute("aria-expanded", String(isOpening));
  });
  area.addEventListener("input", () => {
    clearTimeout(timer);
    if (!place.hidden) timer = setTimeout(show, QUIET_MS);
  });
  return toggle;
}

function addBar(area) {
  const name = area.labels[0].firstChild.textContent.trim();
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", texts.tools.replace("{name}", name));
  const buttons = TOOLS.map(([words, act]) => {
    const made = makeButton(words, area);
    made.addEventListener("click", () => act(area));
    return made;
  });
  buttons.push(addPreview(area, name));
  buttons.forEach((one, place) => { one.tabIndex = place ? -1 : 0; });
  bar.append(...buttons);
  bar.addEventListener("keydown", (event) => {
    const now = buttons.indexOf(document.activeElement);
    const steps = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: buttons.length - 1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    buttons.at(steps[event.key] % buttons.length).focus();
  });
  bar.addEventListener("focusin", (event) => {
    for (const one of buttons) one.tabIndex = one === event.target ? 0 : -1;
  });
  area.before(bar);
}

document.querySelectorAll("textarea[data-markdown]").forEach(addBar);
