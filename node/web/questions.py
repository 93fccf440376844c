"""Three questions to start from on the first page, made from what the network holds.

Each opens something that has answers, or a question that a neighbour waits for an answer to; none
leads to an empty page. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from node.municipal import taxonomy
from node.wanted import Wanted
from node.web import labels
from node.web.listing import list_url
from node.web.message import Message
from node.web.render import record_url
from node.web.site import short_name
from storage.record_views import Facets, RecordRow

QUESTIONS_SHOWN = 3


class StartingQuestion(NamedTuple):
    """A question, where it leads, and how much there is.

    With a `title`, in its own language, the words before it say who wonders, and answers are
    counted; without one, experiences are.
    """

    words: str
    url: str
    number: int
    title: str = ""
    language: str = ""


def starting_questions(
    facets: Facets, newest: Sequence[RecordRow], own_log: bytes
) -> list[StartingQuestion]:
    """At most three questions; fewer when the network holds little."""
    found: dict[str, StartingQuestion] = {}
    for question in _candidates(facets, newest, own_log):
        found.setdefault(question.url, question)
    return list(found.values())[:QUESTIONS_SHOWN]


def _candidates(
    facets: Facets, newest: Sequence[RecordRow], own_log: bytes
) -> Iterator[StartingQuestion]:
    """All questions there is ground for, the most telling first."""
    for row in newest:
        if row.type == "fraga" and row.log != own_log:
            asker = short_name(row.code, row.municipality)
            words = Message("%(asker)s undrar:", asker=asker)
            url = record_url(row.record_id, row.title)
            yield StartingQuestion(words, url, row.comments, row.title, row.language)
            break
    recent = Counter(row.area for row in newest if taxonomy.find(row.area) and "." in row.area)
    for subarea, _ in recent.most_common(1):
        words = Message("Hur gör andra med %(area)s?", area=labels.area(subarea, inside=True))
        yield _opening(words, Wanted(area=subarea), facets.areas.get(subarea, 0))
    if count := facets.statuses.get("avbrutet", 0):
        yield _opening(Message("Vad avbröts, och varför?"), Wanted(status="avbrutet"), count)
    if count := facets.types.get("samverkan", 0):
        yield _opening(
            Message("Vem söker någon att samarbeta med?"), Wanted(type="samverkan"), count
        )
    if count := facets.statuses.get("drift", 0):
        yield _opening(Message("Vad används redan i drift?"), Wanted(status="drift"), count)
    for area in sorted(taxonomy.areas(), key=lambda area: -facets.areas.get(area.id, 0)):
        if count := facets.areas.get(area.id, 0):
            inside = labels.area(area.id, inside=True)
            words = Message("Vad har provats inom %(area)s?", area=inside)
            yield _opening(words, Wanted(area=area.id), count)


def _opening(words: str, wanted: Wanted, count: int) -> StartingQuestion:
    return StartingQuestion(words, list_url(wanted), count)
