"""What staff are told about drafts: when one was saved, by whom, and what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from node.municipal import taxonomy
from node.web.form_fields import LINE_WORDS, SECTIONS
from node.web.form_reading import form_names
from node.web.form_shapes import Field
from node.web.formats import Formats, short_date
from node.web.message import Message
from storage.account_views import User
from storage.draft_store import DraftRow

UNTITLED: Final = Message("Utan titel")
NOTHING_YET: Final = Message("Det finns inget att spara än. Skriv något först.")
SAVED_ANEW: Final = Message(
    "Utkastet fanns inte längre: det har publicerats eller kastats, kanske i ett annat fönster. "
    "Texten här är sparad som ett nytt utkast. Se efter bland erfarenheterna innan ni publicerar."
)
GONE: Final = Message("Utkastet har publicerats eller kastats i ett annat fönster.")
GONE_AT_PUBLISHING: Final = Message(
    "Utkastet har redan publicerats eller kastats, kanske i ett annat fönster. Se efter bland "
    "erfarenheterna innan ni publicerar texten en gång till"
)
TOO_MANY: Final = Message(
    "Du har så många utkast som får plats, så texten är inte sparad. Publicera eller kasta några "
    "under Mina utkast."
)
RECORD_GONE: Final = Message(
    "Erfarenheten som utkastet ändrar är återkallad eller går inte att ändra. Publicerar ni nu "
    "blir texten en ny erfarenhet."
)


class Difference(NamedTuple):
    """A field that two texts have differently; both as they are read."""

    words: str
    own: str
    saved: str


def when_saved(time_ms: int, now_ms: int) -> Callable[[Formats], str]:
    """Writes the time of day, with the date unless it is today's: "kl. 14.05"."""
    if short_date(time_ms) == short_date(now_ms):
        return lambda formats: formats.clock_time(time_ms)
    return lambda formats: formats.date_and_time(time_ms)


def saved_words(draft: DraftRow, user: User, now_ms: int) -> str:
    """When a draft was saved, and by whom if it was somebody else: "Sparat kl. 14.05."."""
    when = when_saved(draft.changed_ms, now_ms)
    if draft.saved_by_no == user.number:
        return Message("Sparat %(when)s.", when=when)
    return Message("Sparat av %(who)s %(when)s.", who=draft.saved_by, when=when)


def changed_words(draft: DraftRow, user: User, now_ms: int) -> str:
    """That another text was saved meanwhile, by whom and when."""
    when = when_saved(draft.changed_ms, now_ms)
    if draft.saved_by_no == user.number:
        return Message(
            "Du har sparat en annan text i det här utkastet %(when)s, i ett annat fönster.",
            when=when,
        )
    return Message(
        "%(who)s har sparat en annan text i det här utkastet %(when)s.",
        who=draft.saved_by,
        when=when,
    )


def differences(
    own: Mapping[str, str], saved: Mapping[str, str], language: str
) -> list[Difference]:
    """The fields in which two texts differ, in the order of the form; areas in a language."""

    def shown(item: Field, typed: str) -> str:
        """A typed text as the form shows it."""
        if item.kind == "area":
            return taxonomy.label(typed, language) if typed else ""
        return item.choices.get(typed, typed)

    return [
        Difference(words, shown(item, own.get(name, "")), shown(item, saved.get(name, "")))
        for name, words, item in _controls()
        if own.get(name, "") != saved.get(name, "")
    ]


def _controls() -> Iterator[tuple[str, str, Field]]:
    for section in SECTIONS:
        for item in section.fields:
            for row, name in enumerate(form_names(section, item), 1):
                yield name, _control_words(section.repeated, row, item), item


def _control_words(repeated: str, row: int, item: Field) -> str:
    if not repeated:
        return item.words
    line = LINE_WORDS[repeated]
    return Message("%(line)s %(row)s: %(field)s", line=line, row=row, field=item.words)
