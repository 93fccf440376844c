"""The catalogs of the pages' languages, brought up to date with the texts in templates and code.

``python -m tests.translations`` (`make translations`) extracts every wrapped text, keeps what is
translated already and adds the rest empty. Texts are extracted from templates that have begun to be
wrapped, and from every `Message` in code; sentences of the rooms below node/web come beside.
Catalogs are compiled when the program reads them.
"""

from __future__ import annotations

import io
import re
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from node.web.language import SOURCE, languages
from node.web.neighbour_words import ALL_SENTENCES
from node.web.render import Renderer

WEB = Path(str(files("node.web")))
TEMPLATES = WEB / "templates"
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "trim_blocks": "true"}
IN_TEMPLATES = {"_": None, "gettext": None, "ngettext": (1, 2), "counted": (2, 3)}
IN_CODE = {"Message": None, "Counted": (2, 3)}
HEADER = "# The pages' texts in another language; the keys are the Swedish texts of the source."


def translated_templates() -> list[Path]:
    """Every template, parts included, whose texts are wrapped."""
    renderer = Renderer()
    names = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
    return [TEMPLATES / name for name in names if renderer.is_translated(name)]


def extract() -> Catalog:
    """All texts that a catalog must have, with the files they stand in."""
    found = Catalog(fuzzy=False)
    for path in translated_templates():
        _add(found, path, "jinja2.ext:babel_extract", IN_TEMPLATES)
    for path in sorted(WEB.rglob("*.py")):
        _add(found, path, "python", IN_CODE)
    for sentence in ALL_SENTENCES:
        found.add(str(sentence), locations=[("neighbour_words.py", None)])
    return found


def _add(found: Catalog, path: Path, method: str, keywords: dict[str, object]) -> None:
    place = path.relative_to(WEB).as_posix()
    for _, message, _, context in extract_from_file(
        method, path, keywords=keywords, options=OPTIONS
    ):
        found.add(message, locations=[(place, None)], context=context)


def catalog_path(code: str) -> Path:
    """Where a language's catalog lies."""
    return WEB / "locale" / code / "LC_MESSAGES" / "tidan.po"


def read(code: str) -> Catalog:
    """A language's catalog as it lies there."""
    with catalog_path(code).open("rb") as file:
        return read_po(file, locale=code)


def updated(code: str) -> str:
    """A language's catalog with exactly the texts of the source, as text."""
    before = read(code)
    after = Catalog(locale=code, domain="tidan", fuzzy=False, header_comment=HEADER)
    for message in extract():
        if message.id:
            known = before.get(message.id)
            after.add(message.id, known.string if known else None, locations=message.locations)
    out = io.BytesIO()
    write_po(out, after, width=100, include_lineno=False, sort_by_file=True)
    text = out.getvalue().decode()
    # What changes without a change: dates and people.
    names = "POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Generated-By"
    names += "|Project-Id-Version|Report-Msgid-Bugs-To"
    return re.sub(rf'^"(?:{names}):.*\n', "", text, flags=re.MULTILINE)


def main() -> None:
    """Write every catalog anew."""
    for code in languages():
        if code != SOURCE:
            catalog_path(code).write_text(updated(code), "utf-8")
            empty = [message.id for message in read(code) if message.id and not all_said(message)]
            print(f"{code}: {len(empty)} texts to translate")


def all_said(message: Message) -> bool:
    """Whether a message has all its translations."""
    said = message.string
    return all(said) if isinstance(said, tuple) else bool(said)


if __name__ == "__main__":
    main()
