"""The questions of the form about where a text comes from, for what others have written."""

from __future__ import annotations

from typing import Final

from node.web.form_shapes import Field, Section
from node.web.message import Message
from protocol.limits import URL_CHARS_MAX

SOURCE: Final = Section(
    "kalla",
    Message("Källa"),
    Message("Om texten bygger på något som andra har skrivit."),
    (
        Field("source_name", Message("Varifrån kommer den?"), "", "publiccode.yml, Exempelprogram"),
        Field(
            "source_url",
            Message("Adress till källan"),
            "",
            "https://exempelkommun.se/rapport",
            chars_max=URL_CHARS_MAX,
        ),
        Field("source_licence", Message("Källans villkor"), "", "CC-BY-4.0"),
    ),
)
