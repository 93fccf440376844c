"""Markdown from anyone on the network → safe HTML.

Rules: raw HTML is text (markdown-it `html` off); what remains is sanitised once more by nh3 against
a short list of tags; no images (they would call other hosts) but the pictures attached to the same
record, named as `![words](bilaga:name)`, which the page draws; links only to http, https and
mailto, always `rel="nofollow noopener"`; headings stay below the page's own and skip no level,
whatever the author began with; a table's empty corner is no heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

ALLOWED_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "h3", "h4", "h5", "h6", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ALLOWED_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
URL_SCHEMES = {"http", "https", "mailto"}
HEADINGS_ABOVE = 2
HEADING_LOWEST = 6

_KEPT_CHARS_MAX = 2_000
_TEXTS_KEPT = 500
"""Most comments are short, and those of one record are drawn again with each of its readers."""

PlacePicture = Callable[[str, str, bool], str]
"""Draws a picture from its name and the words for it; the last says that it stands alone."""
PICTURE_SCHEME = "bilaga:"
_PICTURE = "attached_picture"
_BEGINNING = re.compile(r"!\[([^\]\n]{0,300})\]\(" + PICTURE_SCHEME)
_UNKNOWN_NAME = re.compile(r"([^)\n]{1,200})\)")
_MARK = re.compile(r'<img alt="(\d+)">')


def _cleaner(*more_tags: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=ALLOWED_TAGS | {*more_tags},
        attributes=ALLOWED_ATTRIBUTES | {tag: {"alt"} for tag in more_tags},
        url_schemes=URL_SCHEMES,
        link_rel="nofollow noopener",
        url_relative="deny",
    )


_clean = _cleaner()
_clean_with_marks = _cleaner("img")


def _find_picture(state: StateInline, silent: bool) -> bool:
    """Rule of the parser: a picture by its name, which may hold spaces and brackets."""
    names: Sequence[str] | None = state.env.get("names")
    found = _BEGINNING.match(state.src, state.pos) if names is not None else None
    if names is None or found is None:
        return False
    rest = state.src[found.end() :]
    name = next((name for name in names if rest.startswith(f"{name})")), None)
    if name is None:
        unknown = _UNKNOWN_NAME.match(rest)
        if unknown is None:
            return False
        name = unknown.group(1)
    if not silent:
        token = state.push(_PICTURE, "img", 0)
        token.meta = {"name": name, "words": found.group(1).strip(), "alone": False}
    state.pos = found.end() + len(name) + 1
    return True


def _mark(
    _renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """Leave a mark where the picture goes, which no text can write: its HTML is escaped."""
    env["marks"].append(tokens[index].meta)
    return f'<img alt="{len(env["marks"]) - 1}">'


_parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
_parser.enable(["table", "strikethrough"]).disable("image")
_parser.inline.ruler.before("link", _PICTURE, _find_picture)
_parser.add_render_rule(_PICTURE, _mark)


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


def _let_stand_alone(tokens: list[Token]) -> None:
    """Take away the paragraph around pictures that have one for themselves, in place."""
    for opening, inside, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        parts = [one for one in inside.children or () if not _is_blank(one)]
        if opening.type != "paragraph_open" or any(one.type != _PICTURE for one in parts):
            continue
        if parts:
            opening.hidden = closing.hidden = True
            inside.children = parts
            for one in parts:
                one.meta["alone"] = True


def _is_blank(token: Token) -> bool:
    return token.type.endswith("break") or (token.type == "text" and not token.content.strip())


def render_markdown(
    text: str, names: Sequence[str] | None = None, place: PlacePicture | None = None
) -> Markup:
    """Return `text` as sanitised HTML, safe to place in any page.

    With `names`, the names of a record's pictures, those that it places are drawn by `place`.
    """
    if names is None and place is None and len(text) <= _KEPT_CHARS_MAX:
        return _render_short(text)
    return _render(text, names, place)


@lru_cache(_TEXTS_KEPT)
def _render_short(text: str) -> Markup:
    return _render(text, None, None)


def _render(text: str, names: Sequence[str] | None, place: PlacePicture | None) -> Markup:
    env: dict[str, Any] = {"names": names, "marks": []}
    tokens = _parser.parse(text, env)
    _fit_headings(tokens)
    _empty_corners(tokens)
    _let_stand_alone(tokens)
    html = _parser.renderer.render(tokens, _parser.options, env)
    if place is None or not env["marks"]:
        cleaned = _clean.clean(html)
        return Markup(cleaned)  # noqa: S704  # nosec B704  # cleaned on the line before

    def draw(found: re.Match[str]) -> str:
        mark = env["marks"][int(found.group(1))]
        return str(escape(place(mark["name"], mark["words"], mark["alone"])))

    drawn = _MARK.sub(draw, _clean_with_marks.clean(html))
    return Markup(drawn)  # noqa: S704  # nosec B704  # cleaned, and what is drawn is escaped
