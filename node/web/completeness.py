"""What would make a record more useful to others: a few hints for its author, never a score. Pure.

They follow what readers look for first and what other collections of experience lack. A question
needs other things than an answer does. Never more than a few at a time: a long list is not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from node.web.message import Message
from protocol.content import Experience

HINTS_SHOWN = 3
_FIGURE = re.compile(r"\d")


class Hint(NamedTuple):
    """What to add, why others ask for it, and the form's field to write it in."""

    words: str
    reason: str
    field: str


class _Rule(NamedTuple):
    hint: Hint
    is_missing: Callable[[Experience], bool]


def _has_no_figure(experience: Experience) -> bool:
    told = (experience.summary, experience.results, experience.situation)
    return not any(text and _FIGURE.search(text) for text in told)


def _has_no_cost(experience: Experience) -> bool:
    cost = experience.cost
    return cost is None or all(
        amount is None for amount in (cost.one_off_sek, cost.yearly_sek, cost.own_hours)
    )


def _is_tried(experience: Experience) -> bool:
    return experience.status != "ide"


_OF_EXPERIENCE: Final = (
    _Rule(
        Hint(
            Message("Hur gick det?"),
            Message("Resultatet är det första andra letar efter."),
            "results",
        ),
        lambda one: not one.results and _is_tried(one),
    ),
    _Rule(
        Hint(
            Message("Någon siffra"),
            Message("Antal, tid eller andel, före och efter. Ungefär räcker."),
            "results",
        ),
        lambda one: bool(one.results) and _has_no_figure(one),
    ),
    _Rule(
        Hint(
            Message("Vad ni skulle göra om"),
            Message("Det sparar mest tid åt nästa kommun, och det skrivs mest sällan."),
            "lessons_change",
        ),
        lambda one: not one.lessons_change and _is_tried(one),
    ),
    _Rule(
        Hint(
            Message("Vad det kostade"),
            Message("En summa på ett ungefär, eller bara egen tid."),
            "cost_one_off",
        ),
        _has_no_cost,
    ),
    _Rule(
        Hint(Message("Ett råd till andra"), Message("En mening om var man ska börja."), "advice"),
        lambda one: not one.advice and _is_tried(one),
    ),
    _Rule(
        Hint(
            Message("Vad som måste finnas på plats"),
            Message("Storlek, avtal, teknik eller kompetens: då vet andra om det passar dem."),
            "preconditions",
        ),
        lambda one: not one.preconditions,
    ),
    _Rule(
        Hint(
            Message("När det var"),
            Message("Ett årtal räcker för att veta om det ännu gäller."),
            "started",
        ),
        lambda one: one.timeline is None,
    ),
    _Rule(
        Hint(
            Message("Vilket system ni använder"),
            Message("Andra söker ofta på produktens namn."),
            "product_0_name",
        ),
        lambda one: not one.products and one.type in ("losning", "upphandling"),
    ),
    _Rule(
        Hint(
            Message("En adress till er"),
            Message("En gemensam brevlåda, så att frågor når fram."),
            "contact_email",
        ),
        lambda one: not one.contact.email and not one.contact.phone,
    ),
)
_OF_QUESTION: Final = (
    _Rule(
        Hint(
            Message("Hur ni har det i dag"),
            Message("Då kan andra svara på det som gäller er."),
            "situation",
        ),
        lambda one: not one.situation,
    ),
    _Rule(
        Hint(
            Message("Er storlek på ett ungefär"),
            Message("Antal brukare, elever eller ärenden."),
            "situation",
        ),
        lambda one: bool(one.situation) and _has_no_figure(one),
    ),
    _Rule(
        Hint(
            Message("Vad ni redan har prövat"), Message("Så slipper ni få det som råd."), "actions"
        ),
        lambda one: not one.actions,
    ),
    _OF_EXPERIENCE[-1],
)


def hints(experience: Experience) -> list[Hint]:
    """The few things that would help readers most; none when nothing much is missing."""
    rules = _OF_QUESTION if experience.type in ("fraga", "samverkan") else _OF_EXPERIENCE
    return [rule.hint for rule in rules if rule.is_missing(experience)][:HINTS_SHOWN]
