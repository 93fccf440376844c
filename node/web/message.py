"""Texts that Python says on pages: written in Swedish, shown in the reader's language.

A `Message` is ordinary text (the Swedish one) that remembers how it was made, so that a template
can say it in another language with the filter `translated`. Wrapping a text also puts it into the
catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from node.web.formats import Formats
from node.web.swedish import SWEDISH

_WHOLE = "%(whole)s"


class Counted(NamedTuple):
    """A count and its word, as a value of a text: "12 poster"."""

    number: int
    one: str
    many: str


Value = str | int | Counted | Callable[[Formats], str]
"""What stands at a place: a text (also a `Message`), a number, a count, or what formats write."""


class Message(str):
    """A text with places such as %(wait)s for values, which follow the reader's language too."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, **values: Value) -> Message:
        """Make the Swedish text."""
        message = super().__new__(cls, filled(template, values, SWEDISH))
        message.template = template
        message.values = values
        return message


def said(write: Callable[[Formats], str]) -> Message:
    """A text that each language writes in its own way, such as a date: nothing to translate."""
    return Message(_WHOLE, whole=write)


def joined(texts: Sequence[str]) -> str:
    """Texts with commas between, each of which is said in the reader's language."""
    if len(texts) <= 1:
        return texts[0] if texts else ""
    return Message("%(first)s, %(rest)s", first=texts[0], rest=joined(texts[1:]))


def filled(template: str, values: Mapping[str, Value], formats: Formats) -> str:
    """A template with its values, each as the language writes it; untouched without any."""
    if not values:
        return template
    written: dict[str, Any] = {name: _written(value, formats) for name, value in values.items()}
    return template % written


def _written(value: Value, formats: Formats) -> str | int:
    if isinstance(value, Counted):
        return formats.counted(*value)
    return value(formats) if callable(value) else value
