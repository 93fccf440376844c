"""A record's fields as plain text in a page's language, under the names its page gives them. Pure.

The order is that of the page. Used where a record is not shown but compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from node.web import labels
from node.web.language import Language
from node.web.message import Message, said
from protocol.content import Contact, Experience
from protocol.content.experience import Cost, Legal, Product, Source, Timeline

Describe = Callable[[Experience, Language], str]


class RecordField(NamedTuple):
    """How a field reads; `own_words` when it is in the record's language, not in the page's."""

    describe: Describe
    own_words: bool = False


def _lines(lines: Iterable[str | None]) -> str:
    return "\n".join(line for line in lines if line)


def _contact(contact: Contact) -> str:
    return _lines((contact.role, contact.email, contact.phone))


def _cost(cost: Cost | None, language: Language) -> str:
    if cost is None:
        return ""
    sums = (
        (Message("En gång"), cost.one_off_sek, cost.one_off_max_sek),
        (Message("Per år"), cost.yearly_sek, cost.yearly_max_sek),
    )
    lines = [
        (words, language.formats.kronor(low, high)) for words, low, high in sums if low is not None
    ]
    if cost.own_hours is not None:
        hours = language.counted(cost.own_hours, "timme", "timmar")
        lines.append((Message("Egen tid"), hours))
    return _lines(f"{language.translated(words)}: {amount}" for words, amount in lines)


def _time(timeline: Timeline | None, language: Language) -> str:
    if timeline is None:
        return ""
    parts = (
        (Message("Började"), timeline.started),
        (Message("I drift"), timeline.live),
        (Message("Slutade"), timeline.ended),
    )
    return _lines(
        f"{language.translated(words)} {language.formats.partial_date(day)}"
        for words, day in parts
        if day
    )


def _product(product: Product) -> str:
    return f"{product.name}, {product.supplier}" if product.supplier else product.name


def call_off_words(product: Product) -> str:
    """Whether others can call off from the agreement, and until when."""
    words, until = labels.label(labels.CALL_OFF, product.call_off), product.call_off_until
    if not until:
        return words
    return Message("%(answer)s, till %(day)s", answer=words, day=_day(until))


def _legal(legal: Legal | None, language: Language) -> str:
    if legal is None:
        return ""
    answers = (
        (Message("Personuppgifter behandlas"), legal.personal_data),
        (Message("Konsekvensbedömning gjord"), legal.dpia_done),
    )
    said = language.translated
    return _lines(
        f"{said(words)}: {said(labels.YES_NO[one])}" for words, one in answers if one is not None
    )


def _source(source: Source | None) -> str:
    return _lines((source.name, source.url, source.licence)) if source else ""


def _own(describe: Callable[[Experience], str | None]) -> RecordField:
    """A field in the words of whoever wrote the record."""
    return RecordField(lambda one, _: describe(one) or "", own_words=True)


def _plain(describe: Callable[[Experience], str]) -> RecordField:
    """A field that the page says in its own words, or that is the same in every language."""
    return RecordField(lambda one, language: language.translated(describe(one)))


FIELDS: Final[dict[str, RecordField]] = {
    Message("Rubrik"): _own(lambda one: one.title),
    Message("Sammanfattning"): _own(lambda one: one.summary),
    Message("Typ"): _plain(lambda one: labels.label(labels.RECORD_TYPES, one.type)),
    Message("Ämne"): _plain(lambda one: labels.area(one.area)),
    Message("Status"): _plain(lambda one: labels.label(labels.STATUSES, one.status)),
    Message("Kontakt"): _own(lambda one: _contact(one.contact)),
    Message("Läget"): _own(lambda one: one.situation),
    Message("Vad vi gjorde"): _own(lambda one: one.actions),
    Message("Resultat"): _own(lambda one: one.results),
    Message("Det gick bra"): _own(lambda one: one.lessons_well),
    Message("Det skulle vi göra om"): _own(lambda one: one.lessons_change),
    Message("Råd till andra"): _own(lambda one: one.advice),
    Message("Förutsättningar"): _own(lambda one: one.preconditions),
    Message("Kostnad"): RecordField(lambda one, language: _cost(one.cost, language)),
    Message("Om kostnaden"): _own(lambda one: one.cost.note if one.cost else ""),
    Message("Tid"): RecordField(lambda one, language: _time(one.timeline, language)),
    Message("Produkter och avtal"): _own(lambda one: _lines(map(_product, one.products))),
    Message("Kan andra avropa?"): RecordField(
        lambda one, language: _lines(
            language.translated(call_off_words(product)) for product in one.products
        )
    ),
    Message("Juridik"): RecordField(lambda one, language: _legal(one.legal, language)),
    Message("Upphandlingsform"): _own(lambda one: one.legal.procurement if one.legal else ""),
    Message("Om juridiken"): _own(lambda one: one.legal.note if one.legal else ""),
    Message("Länkar"): _own(lambda one: _lines(f"{link.title}: {link.url}" for link in one.links)),
    Message("Bilagor"): _own(
        lambda one: _lines(
            f"{item.description} ({item.name}, {item.sha256[:8]})" for item in one.attachments
        )
    ),
    Message("Hör ihop med"): _plain(lambda one: _lines(related[:8] for related in one.related)),
    Message("Gäller till"): _plain(lambda one: _day(one.valid_until)),
    Message("Ses över"): _plain(lambda one: _day(one.review_date)),
    Message("Sökord"): _own(lambda one: ", ".join(one.tags)),
    Message("Språk"): _plain(lambda one: one.language),
    Message("Villkor"): _plain(lambda one: labels.label(labels.LICENCES_SHOWN, one.licence)),
    "KLASSA": _plain(lambda one: one.klassa or ""),
    Message("Samarbete"): _plain(
        lambda one: Message("Vill gärna samarbeta") if one.collaboration_open else ""
    ),
    Message("Vem får läsa?"): _plain(lambda one: labels.label(labels.VISIBILITIES, one.visibility)),
    Message("Hämtad från"): _own(lambda one: _source(one.source)),
    Message("Exempel"): _plain(lambda one: Message("Påhittad text") if one.example else ""),
}
"""Every field but those a reader never meets (who went through the checklist, what it replaces)."""


def _day(day: str | None) -> str:
    return said(lambda formats: formats.partial_date(day)) if day else ""
