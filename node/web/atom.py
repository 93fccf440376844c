"""Atom (RFC 4287): a list as a document for feed readers. Pure: values in, bytes out.

Rules: text is only ever text (`type="text"`), so that no reader takes markup from an entry for its
own; what XML cannot hold and what turns the reading direction is left out; ids are made from entry
ids, so an entry has one id on all nodes and for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET  # nosec B405  # writes, and never reads

NAMESPACE = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml"
ENTRIES_MAX = 50
TEXT_CHARS_MAX = 8_000
_IDS = UUID("0f5c3b0e-61a7-4f0e-9c52-7d1f7c0f6a11")
_REFUSED = re.compile(
    "[^\\t\\n\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
    "|[\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069\\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Author:
    """A municipality, and where it is presented."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a feed; `about` is its category, as code and in words.

    The languages (BCP 47) are those of title and text, "" for the feed's own.
    """

    id: str
    title: str
    url: str
    author: Author
    published_ms: int
    updated_ms: int
    text: str
    about: tuple[str, str] | None = None
    title_language: str = ""
    text_language: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """One list; `url` is the feed's own address, `page_url` that of the page it belongs to."""

    id: str
    title: str
    url: str
    page_url: str
    author: Author
    items: tuple[Item, ...]
    language: str = "sv"

    @property
    def updated_ms(self) -> int:
        """When the newest of it changed; a list without anything has not changed since 1970."""
        return max((item.updated_ms for item in self.items), default=0)


def urn(*parts: str) -> str:
    """The id of what these parts name, the same everywhere."""
    return f"urn:uuid:{uuid5(_IDS, ' '.join(parts))}"


def clean(text: str) -> str:
    """Text that any XML document can hold and no reader shows turned round."""
    return _REFUSED.sub("", text)[:TEXT_CHARS_MAX]


def atom(feed: Feed) -> bytes:
    """The document."""
    root = ET.Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language})
    _texts(root, (("id", feed.id), ("title", feed.title), ("updated", _time(feed.updated_ms))))
    _link(root, "self", feed.url, CONTENT_TYPE)
    _link(root, "alternate", feed.page_url, "text/html")
    _author(root, feed.author)
    ET.SubElement(root, "generator").text = "Tidan"
    for item in feed.items:
        _entry(ET.SubElement(root, "entry"), item, feed.language)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(element: ET.Element, item: Item, language: str) -> None:
    times = (("published", _time(item.published_ms)), ("updated", _time(item.updated_ms)))
    _texts(element, (("id", item.id),))
    title = ET.SubElement(element, "title", _spoken(item.title_language, language))
    title.text = clean(item.title)
    _texts(element, times)
    _link(element, "alternate", item.url, "text/html")
    _author(element, item.author)
    if item.about is not None:
        term, label = map(clean, item.about)
        ET.SubElement(element, "category", {"term": term, "label": label})
    summary = ET.SubElement(
        element, "summary", {"type": "text", **_spoken(item.text_language, language)}
    )
    summary.text = clean(item.text)


def _spoken(language: str, around: str) -> dict[str, str]:
    return {"xml:lang": clean(language)} if language not in ("", around) else {}


def _texts(parent: ET.Element, pairs: Iterable[tuple[str, str]]) -> None:
    for name, text in pairs:
        ET.SubElement(parent, name).text = clean(text)


def _link(parent: ET.Element, relation: str, url: str, kind: str) -> None:
    ET.SubElement(parent, "link", {"rel": relation, "href": clean(url), "type": kind})


def _author(parent: ET.Element, author: Author) -> None:
    element = ET.SubElement(parent, "author")
    _texts(element, (("name", author.name), ("uri", author.url)))


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
