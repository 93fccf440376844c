"""Splits a Markdown record: front matter, then text under known headings.

A level-2 heading that is one of ours begins a field; any other heading is part of the text before
it. The split looks at lines alone, so what the exporter writes is read back exactly.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from node.importers import phrases
from node.importers.markdown_words import FIELD_OF_HEADING
from node.importers.notes import Note
from node.importers.result import BrokenFileError

FRONT_MATTER_LINE = "---"
_HEADING = re.compile(r"##[ \t]+(.*?)[ \t]*#*[ \t]*")
_TITLE = re.compile(r"#[ \t]+(\S.*?)[ \t]*#*[ \t]*")
_SUMMARY_MARK = re.compile(r"(?:sammanfattning|ingress)\s*[|:]\s*", re.IGNORECASE)
_SUMMARY_CHARS_MIN = 60
_PARSER = MarkdownIt()
"""Making one costs more than reading a text with it; it keeps nothing between texts."""
_BYLINE = re.compile(r"\[|\w+:\s")
"""Starts like ``[Summary of a talk by …`` or ``Contributor: …``: says who, not what."""


class Outline(NamedTuple):
    """A file in parts; ``front`` is YAML starting on line 2, None when the file has none."""

    front: str | None
    before: str
    sections: dict[str, str]


def split(text: str) -> Outline:
    """Split a file; raises BrokenFileError for open front matter or a part given twice."""
    lines = text.split("\n")
    front: str | None = None
    start = 0
    if lines[0].rstrip() == FRONT_MATTER_LINE:
        end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
        if end is None:
            raise BrokenFileError(1, Note(phrases.OPEN_FRONT))
        front, start = "\n".join(lines[1:end]), end + 1
    field = ""
    parts: dict[str, list[str]] = {field: []}
    for number, line in enumerate(lines[start:], start + 1):
        named = field_of_heading(line)
        if named is None:
            parts[field].append(line)
        elif named in parts:
            raise BrokenFileError(number, Note(phrases.SECOND_PART, heading=line.strip()))
        else:
            field = named
            parts[field] = []
    texts = {name: "\n".join(part).strip() for name, part in parts.items()}
    return Outline(front, texts.pop(""), {name: part for name, part in texts.items() if part})


def field_of_heading(line: str) -> str | None:
    """The text field that a line opens, or None when it is ordinary text."""
    match = _HEADING.fullmatch(line)
    return FIELD_OF_HEADING.get(match.group(1).casefold()) if match else None


def take_title(text: str) -> tuple[str, str]:
    """The level-1 heading that opens a text ("" when none does), and the text after it.

    A later one is not a title: in notes it is often the name of whoever spoke.
    """
    first, _, rest = text.partition("\n")
    match = _TITLE.fullmatch(first)
    if match is None:
        return "", text
    return _plain(_PARSER.parseInline(match.group(1))), rest.strip()


def first_paragraph(text: str) -> str:
    """The paragraph that best sums up a text: one marked as summary, else the first real one."""
    tokens = _PARSER.parse(text)
    inline = [_plain([token]) for token in tokens if token.type == "inline"]
    paragraphs = [
        _plain([after])
        for token, after in pairwise(tokens)
        if token.type == "paragraph_open" and after.type == "inline"
    ]
    for paragraph in paragraphs:
        if match := _SUMMARY_MARK.match(paragraph):
            return paragraph[match.end() :]
    long = (
        part for part in paragraphs if len(part) >= _SUMMARY_CHARS_MIN and not _BYLINE.match(part)
    )
    return next(long, "") or next((part for part in [*paragraphs, *inline] if part), "")


def _plain(tokens: list[Token]) -> str:
    """Inline Markdown as plain text on one line."""
    words: list[str] = []
    for token in tokens:
        for child in token.children or []:
            if child.type in {"text", "code_inline"}:
                words.append(child.content)
            elif child.type in {"softbreak", "hardbreak"}:
                words.append(" ")
    return " ".join("".join(words).split())
