"""What staff are told about drafts: when one was saved, by whom, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from node.municipal import taxonomy
from node.web import swedish
from node.web.form_fields import LINE_WORDS, SECTIONS
from node.web.form_reading import form_names
from node.web.form_shapes import Field
from storage.account_views import User
from storage.draft_store import DraftRow

UNTITLED: Final = "Utan titel"
NOTHING_YET: Final = "Det finns inget att spara än. Skriv något först."
SAVED_ANEW: Final = (
    "Utkastet fanns inte längre: det har publicerats eller kastats, kanske i ett annat fönster. "
    "Texten här är sparad som ett nytt utkast. Se efter bland erfarenheterna innan ni publicerar."
)
GONE_AT_PUBLISHING: Final = (
    "Utkastet har redan publicerats eller kastats, kanske i ett annat fönster. Se efter bland "
    "erfarenheterna innan ni publicerar texten en gång till"
)
TOO_MANY: Final = (
    "Du har så många utkast som får plats, så texten är inte sparad. Publicera eller kasta några "
    "under Mina utkast"
)
RECORD_GONE: Final = (
    "Erfarenheten som utkastet ändrar är återkallad eller går inte att ändra. Publicerar ni nu "
    "blir texten en ny erfarenhet."
)


class Difference(NamedTuple):
    """A field that two texts have differently; both as they are read."""

    words: str
    own: str
    saved: str


def when_saved(time_ms: int, now_ms: int) -> str:
    """The time of day, with the date unless it is today's: "kl. 14.05"."""
    today = swedish.short_date(time_ms) == swedish.short_date(now_ms)
    return swedish.clock_time(time_ms) if today else swedish.date_and_time(time_ms)


def saved_words(draft: DraftRow, user: User, now_ms: int) -> str:
    """When a draft was saved, and by whom if it was somebody else: "Sparat kl. 14.05."."""
    by = "" if draft.saved_by_no == user.number else f" av {draft.saved_by}"
    return f"Sparat{by} {when_saved(draft.changed_ms, now_ms)}."


def changed_words(draft: DraftRow, user: User, now_ms: int) -> str:
    """That another text was saved meanwhile, by whom and when."""
    when = when_saved(draft.changed_ms, now_ms)
    if draft.saved_by_no == user.number:
        return f"Du har sparat en annan text i det här utkastet {when}, i ett annat fönster."
    return f"{draft.saved_by} har sparat en annan text i det här utkastet {when}."


def differences(own: Mapping[str, str], saved: Mapping[str, str]) -> list[Difference]:
    """The fields in which two texts differ, in the order of the form."""
    return [
        Difference(words, _shown(item, own.get(name, "")), _shown(item, saved.get(name, "")))
        for name, words, item in _controls()
        if own.get(name, "") != saved.get(name, "")
    ]


def _controls() -> Iterator[tuple[str, str, Field]]:
    for section in SECTIONS:
        for item in section.fields:
            for row, name in enumerate(form_names(section, item), 1):
                place = f"{LINE_WORDS[section.repeated]} {row}: " if section.repeated else ""
                yield name, place + item.words, item


def _shown(item: Field, typed: str) -> str:
    """A typed text as the form shows it."""
    if item.kind == "area":
        return taxonomy.label(typed) if typed else ""
    return item.choices.get(typed, typed)
