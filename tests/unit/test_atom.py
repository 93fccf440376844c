"""A feed is a valid document whatever stands in its entries."""

from __future__ import annotations

import re

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atom_check import assert_valid
from node.web.atom import NAMESPACE, TEXT_CHARS_MAX, Author, Feed, Item, atom, clean, urn

AUTHOR = Author("Hjo kommun", "https://tidan.exempel.se/kommuner/1497-hjo")
HOSTILE = (
    "<script>alert(1)</script>",
    "]]> &amp; <![CDATA[",
    "\x00\x08\x1f\x7f\x9f",
    "\ud800 ensam",
    "\ufffe\uffff",
    "\u202eexe.fdp\u202c \u2066x\u2069 \u200e\u061c\ufeff",
    "<?xml-stylesheet href='//exempel.se'?>",
    "&#x202e; &lol9; %enheter;",
    "Z̸͓a̵l̷g̶o" * 50,
    "ordutanslut" * 5_000,
)


def a_feed(*texts: str) -> Feed:
    """A feed with one entry for each text, which stands wherever a text can."""
    items = tuple(
        Item(
            urn("item", str(number)),
            text,
            AUTHOR.url,
            Author(text, AUTHOR.url),
            0,
            1_000,
            text,
            (text, text),
        )
        for number, text in enumerate(texts)
    )
    return Feed(urn("feed"), "".join(texts[:1]), AUTHOR.url + "?q=å&b", AUTHOR.url, AUTHOR, items)


def test_an_empty_feed_is_valid() -> None:
    """A list without anything is a feed, and the same whenever it is asked for."""
    assert_valid(atom(a_feed()))
    assert atom(a_feed()) == atom(a_feed())


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """Markup is shown as it stands, and what XML or an eye cannot bear is left out."""
    root = assert_valid(atom(a_feed(text)))
    parsed = feedparser.parse(atom(a_feed(text)), sanitize_html=False)

    assert root.findtext(f"{{{NAMESPACE}}}entry/{{{NAMESPACE}}}summary") == (
        clean(text) or None or ""
    )
    assert parsed.entries[0].summary_detail.type == "text/plain"
    assert parsed.entries[0].title_detail.type == "text/plain"
    assert b"<script" not in atom(a_feed(text))


@given(st.text(max_size=200))
def test_any_text_makes_a_valid_feed(text: str) -> None:
    """No character whatever breaks the document."""
    assert_valid(atom(a_feed(text)))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", clean(text))


def test_text_has_an_end() -> None:
    """A text is cut where no reader would have read on."""
    assert len(clean("x" * 1_000_000)) == TEXT_CHARS_MAX


def test_ids_are_the_same_everywhere() -> None:
    """An entry's id depends on the entry alone, so readers of two nodes see it once."""
    assert urn("01" * 32) == urn("01" * 32) != urn("02" * 32)
    assert urn("01" * 32) == "urn:uuid:" + urn("01" * 32)[9:]
