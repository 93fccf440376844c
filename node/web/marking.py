"""Found words, marked where they stand. Pure."""

from __future__ import annotations

from jinja2 import Undefined
from markupsafe import Markup, escape

from storage.record_views import Meant
from storage.search.highlighting import pieces


def marked(text: str, meant: Meant | Undefined | None) -> Markup:
    """A text with the words marked that were looked for; as it is when nothing was."""
    if not isinstance(meant, Meant) or not meant.terms:
        return escape(text)
    shown = (
        f"<mark>{escape(piece)}</mark>" if is_found else escape(piece)
        for piece, is_found in pieces(text, meant.terms)
    )
    return Markup("".join(shown))  # noqa: S704  # nosec B704  # each piece is escaped
