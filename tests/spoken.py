"""What a page says, each piece with the language that it is marked with."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple

SPOKEN_ATTRIBUTES = ("aria-label", "alt", "title", "placeholder")
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
SILENT = frozenset({"script", "style", "template"})


class Said(NamedTuple):
    """A piece of text and its language, as the nearest `lang` around it says."""

    text: str
    language: str


class Spoken(HTMLParser):
    """Collects text, and attributes that are spoken, in the order of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[Said] = []
        self._open: list[tuple[str, str]] = [("", "")]
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag's language and its spoken attributes."""
        given = {name: value or "" for name, value in attrs}
        language = given.get("lang", self._open[-1][1])
        self.said += [Said(given[name], language) for name in SPOKEN_ATTRIBUTES if name in given]
        if tag not in VOID:
            self._open.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        """Return to the language around the tag."""
        opened, _ = self._open.pop()
        assert opened == tag, f"</{tag}> closes <{opened}>"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself, as in drawings."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        """Note text."""
        tag, language = self._open[-1]
        if data.strip() and tag not in SILENT:
            self.said.append(Said(" ".join(data.split()), language))


def said_in(text: str, language: str) -> list[str]:
    """All that a page says in one language."""
    return [one.text for one in Spoken(text).said if one.language == language]
