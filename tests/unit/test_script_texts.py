"""What scripts say stands in the pages, in the page's language, and nowhere in the scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

from node.web.render import Renderer
from translations import TEMPLATES

SCRIPTS = sorted(Path(str(files("node.web"))).joinpath("static").glob("*.js"))
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')
COMMENT = re.compile(r"(?:^|\s)//[^\n]*|/\*.*?\*/", re.DOTALL)
WORDS = re.compile(
    r"[åäöÅÄÖ]|\b(och|att|som|det|den|inte|kan|till|har|visa|ingen|tecken|under|viktigt)\b|^[A-Z]"
)
NO_WORDS = {"ArrowRight", "ArrowLeft", "Home", "End", "Files", "Content-Type", "Europe/Stockholm"}
NO_WORDS |= {"POST"}


def said_in(script: str) -> list[str]:
    """Literals of a script that read like words for people."""
    literals = ["".join(found) for found in LITERAL.findall(COMMENT.sub("", script))]
    parts = [part.strip() for text in literals for part in re.split(r"\$\{[^}]*\}", text)]
    return [part for part in parts if WORDS.search(part) and part not in NO_WORDS]


class Texts(HTMLParser):
    """The texts for scripts that a template holds, by name of the element and of the text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: dict[str, set[str]] = {}
        self.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source))

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes of an element that holds texts, as a script names them."""
        given = dict(attrs)
        if (element := given.pop("data-texts", None)) is not None:
            names = (name.removeprefix("data-").split("-") for name in given)
            self.found[element] = {
                first + "".join(part.capitalize() for part in more) for first, *more in names
            }


def texts_of_templates() -> dict[str, set[str]]:
    """All texts for scripts."""
    found: dict[str, set[str]] = {}
    for path in TEMPLATES.rglob("*.html"):
        found |= Texts(path.read_text("utf-8")).found
    return found


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_have_no_words_of_their_own(path: Path) -> None:
    """A reader of English never meets a Swedish sentence that a script made."""
    assert said_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_pages_hold_what_scripts_say_and_nothing_else(path: Path) -> None:
    """Each text that a script asks for is there, and none is there for nothing."""
    script = path.read_text("utf-8")
    asked = set(re.findall(r"\btexts\.(\w+)", script))
    element = re.search(r"\[data-texts=(\w+)\]", script)
    held = texts_of_templates()[element.group(1)] if element else set()

    assert asked == held


def test_texts_for_scripts_are_translated() -> None:
    """The elements stand in templates whose texts are wrapped."""
    renderer = Renderer()
    held = [path for path in TEMPLATES.rglob("*.html") if "data-texts" in path.read_text("utf-8")]

    assert held
    for path in held:
        assert renderer.is_translated(path.relative_to(TEMPLATES).as_posix()), path


def test_the_check_sees_words_in_scripts() -> None:
    """Sentences, single words and words beside values are noticed; codes and comments are not."""
    script = """// Det här är en kommentar.
    said.textContent = `${name} är borttagen.`; tool("Fet"); warn("Texten kan inte sparas");
    request.open("POST", "/bilagor"); bar.setAttribute("aria-label", name);"""

    assert said_in(script) == ["är borttagen.", "Fet", "Texten kan inte sparas"]
