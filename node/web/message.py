"""Texts that Python says on pages: written in Swedish, shown in the reader's language.

A `Message` is ordinary text (the Swedish one) that remembers how it was made, so that a template
can say it in another language with the filter `translated`. Wrapping a text also puts it into the
catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from node.web.formats import Formats
from node.web.swedish import SWEDISH

Value = str | int | Callable[[Formats], str]


class Message(str):
    """A text with places such as %(wait)s; a value may be a function of the language's formats."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, **values: Value) -> Message:
        """Make the Swedish text."""
        message = super().__new__(cls, filled(template, values, SWEDISH))
        message.template = template
        message.values = values
        return message


def filled(template: str, values: Mapping[str, Value], formats: Formats) -> str:
    """A template with its values, each as the language writes it; untouched without any."""
    if not values:
        return template
    written: dict[str, Any] = {
        name: value(formats) if callable(value) else value for name, value in values.items()
    }
    return template % written
