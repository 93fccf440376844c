// What axe does not look for, on the page as it is now; each check gives findings in words.
// Evaluated by page_visits.py as one expression.
(() => {
  const TARGET_PX_MIN = 24; // WCAG 2.5.8, without its exceptions; axe looks at links, with them
  const FOCUS_PX_MIN = 3;
  const WORDS_CHARS = 40;
  const LANGUAGES = ["sv", "en"];
  const NAMED_BY_THEMSELVES = new Set(["hidden", "submit", "button", "reset", "image"]);
  const CONTROLS = "input, select, textarea, button, summary, a.button";
  const TABBABLE = "a[href], input:not([type=hidden]), select, textarea, button, summary, "
    + "[tabindex='0']";
  let walked = new Set();
  let wrongStops = [];
  let isOver = false;
  let remembered = new Map();

  function words(element) {
    const text = (element.textContent || element.name || "").trim().replace(/\s+/g, " ");
    const id = element.id ? `#${element.id}` : "";
    const kind = element.getAttribute("class") || "";
    return `<${element.localName}${id} ${kind}> "${text.slice(0, WORDS_CHARS)}"`;
  }
  const hasText = (element) => element.textContent.trim() !== "";
  const isForEars = (element) => element.closest(".hidden-text") !== null;
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true })
    && element.getClientRects().length > 0;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);

  function structure() {
    const found = [];
    if (!LANGUAGES.includes(document.documentElement.lang)) found.push("no language is stated");
    if (document.querySelectorAll("h1").length !== 1) found.push("there is not exactly one h1");
    let level = 1; // what must be said before the page begins has a heading of level 2
    for (const heading of all("h1, h2, h3, h4, h5, h6")) {
      const next = Number(heading.localName[1]);
      if (next > level + 1) found.push(`${words(heading)} follows a heading of level ${level}`);
      level = next;
    }
    const first = document.querySelector(TABBABLE);
    if (!first || !first.hash || !document.querySelector(first.hash)) {
      found.push("the first thing to reach is no link past the menu");
    }
    return found;
  }

  function labels() {
    const controls = [...document.querySelectorAll("input, select, textarea")];
    return controls.filter((control) => !NAMED_BY_THEMSELVES.has(control.type))
      .filter((control) => {
        const ids = (control.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
        const named = ids.map((id) => document.getElementById(id)).filter(Boolean);
        return ![...control.labels, ...named].some(hasText);
      })
      .map((control) => `${words(control)} has no label`);
  }

  // A box to tick is pressed by its label as well.
  function size(control) {
    const isTicked = ["radio", "checkbox"].includes(control.type);
    const labels = isTicked ? [...control.labels].filter(isShown) : [];
    const boxes = [control, ...labels].map((element) => element.getBoundingClientRect());
    const width = Math.max(...boxes.map((box) => box.right))
      - Math.min(...boxes.map((box) => box.left));
    const height = Math.max(...boxes.map((box) => box.bottom))
      - Math.min(...boxes.map((box) => box.top));
    return { width, height };
  }

  function targets() {
    return all(CONTROLS).filter((control) => !isForEars(control)).flatMap((control) => {
      const { width, height } = size(control);
      const isSmall = Math.min(width, height) < TARGET_PX_MIN;
      return isSmall ? [`${words(control)} is ${width} by ${height} px`] : [];
    });
  }

  // Text that a box cuts off, and a page that must be scrolled sideways.
  function cut() {
    const over = document.documentElement.scrollWidth - innerWidth;
    const found = over > 0 ? [`the page is ${over} px wider than the window`] : [];
    const clips = (value) => value === "hidden" || value === "clip";
    for (const element of all("body *")) {
      if (!hasText(element) || isForEars(element)) continue;
      if (element.closest("svg, select, textarea")) continue; // these scroll, or are no text
      const style = getComputedStyle(element);
      const isWide = clips(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
      const isHigh = clips(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
      if (isWide || isHigh) found.push(`${words(element)} cuts its text off`);
    }
    return found;
  }

  // What covers the middle of what is in the window of an element; null when nothing does.
  function cover(element, box) {
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    if (right <= left || bottom <= top) return "the edge of the window";
    const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    if (hit === null) return "nothing that can be hit";
    return element.contains(hit) || hit.contains(element) ? null : words(hit);
  }

  // Where Tab has come to: notes what is wrong with how it shows, and whether the walk is over.
  function stop() {
    const at = document.activeElement;
    isOver ||= at === null || at === document.body || walked.has(at);
    if (isOver) return;
    walked.add(at);
    const style = getComputedStyle(at);
    if (style.outlineStyle !== "solid" || parseFloat(style.outlineWidth) < FOCUS_PX_MIN) {
      wrongStops.push(`${words(at)} does not show that it has focus`);
    }
    const box = [...at.getClientRects()].find((part) => part.width > 0 && part.height > 0);
    const covered = box ? cover(at, box) : "nothing, as it has no size";
    if (covered !== null) wrongStops.push(`${words(at)} has focus under ${covered}`);
  }

  // What a walk found; null while it is not over.
  function found() {
    return isOver ? [...wrongStops, ...passed()] : null;
  }

  function passed() {
    const isReached = (element) => [...walked].some((one) => one === element
      || (one.type === "radio" && one.name === element.name && one.form === element.form));
    return all(TABBABLE)
      .filter((element) => element.tabIndex >= 0 && !element.disabled && !isReached(element))
      .map((element) => `Tab never comes to ${words(element)}`);
  }

  function begin() {
    walked = new Set();
    wrongStops = [];
    isOver = false;
    addEventListener("keyup", stop, true); // adding it again changes nothing
    const top = document.createElement("span"); // a walk goes on from where focus was last
    top.tabIndex = -1;
    document.body.prepend(top);
    top.focus();
    top.remove();
    scrollTo(0, 0);
  }

  // Where each element stands and how large it is.
  function shape() {
    return new Map(all("body *").map((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return [element, `${width} by ${height} px at ${left}, ${top}`];
    }));
  }

  function remember() {
    remembered = shape();
  }

  // What stands elsewhere than it did, came or went.
  function moved() {
    const now = shape();
    return [...new Set([...remembered.keys(), ...now.keys()])]
      .filter((element) => remembered.get(element) !== now.get(element))
      .map((element) => `${words(element)} was ${remembered.get(element)}, is ${now.get(element)}`);
  }

  function unfold() {
    for (const part of document.querySelectorAll("details")) part.open = true;
  }

  // The page's policy refuses a style element, and lets the browser's own hand do this.
  function style(text) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }

  return { structure, labels, targets, cut, remember, moved, begin, found, unfold,
    style };
})()
