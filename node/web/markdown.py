"""Markdown from anyone on the network → safe HTML.

Rules: raw HTML is text (markdown-it `html` off); what remains is sanitised once more by nh3 against
a short list of tags; no images (they would call other hosts); links only to http, https and mailto,
always `rel="nofollow noopener"`; headings stay below the page's own and skip no level, whatever the
author began with; a table's empty corner is no heading.
"""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

ALLOWED_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ALLOWED_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
URL_SCHEMES = {"http", "https", "mailto"}
HEADINGS_ABOVE = 2
HEADING_LOWEST = 6

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
_parser.enable(["table", "strikethrough"]).disable("image")
_cleaner = nh3.Cleaner(
    tags=ALLOWED_TAGS,
    attributes=ALLOWED_ATTRIBUTES,
    url_schemes=URL_SCHEMES,
    link_rel="nofollow noopener",
    url_relative="deny",
)


def _fit_headings(tokens: list[Token]) -> None:
    """Give each heading the level of its depth below the page's own headings, in place."""
    above: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            written = int(token.tag[1])
            while above and above[-1] >= written:
                above.pop()
            above.append(written)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(HEADING_LOWEST, HEADINGS_ABOVE + len(above))}"


def _empty_corners(tokens: list[Token]) -> None:
    """Make header cells without words plain cells: a heading of nothing confuses listeners."""
    for opening, inside, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "th_open" and not inside.content.strip():
            opening.tag = closing.tag = "td"


def render_markdown(text: str) -> Markup:
    """Return `text` as sanitised HTML, safe to place in any page."""
    tokens = _parser.parse(text)
    _fit_headings(tokens)
    _empty_corners(tokens)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return Markup(_cleaner.clean(html))  # noqa: S704 - cleaned on this very line
