"""Three questions to start from on the first page, made from what the network holds.

Each question opens a list that has answers, so none leads to an empty page. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from node.municipal import taxonomy
from node.web.listing import list_url
from storage.record_queries import Facets, RecordFilter, RecordRow

QUESTIONS_SHOWN = 3


class StartingQuestion(NamedTuple):
    """A question, the list that answers it, and how many records that list holds."""

    words: str
    url: str
    records: int


def starting_questions(facets: Facets, newest: Sequence[RecordRow]) -> list[StartingQuestion]:
    """At most three questions; fewer when the network holds little."""
    candidates = [_asked(facets, newest), _most_written(facets), _stopped(facets), *_areas(facets)]
    questions: list[StartingQuestion] = []
    for candidate in candidates:
        if candidate and candidate.url not in {question.url for question in questions}:
            questions.append(candidate)
    return questions[:QUESTIONS_SHOWN]


def _lower_first(words: str) -> str:
    """As inside a sentence: "hemtjänst", but "IT, digitalisering" keeps its capitals."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


def _asked(facets: Facets, newest: Sequence[RecordRow]) -> StartingQuestion | None:
    """What is written about most lately: the area with most of the newest records."""
    areas = Counter(row.area for row in newest if "." in row.area and taxonomy.find(row.area))
    for area, _ in areas.most_common(1):
        words = f"Vem har provat något nytt inom {_lower_first(taxonomy.label(area))}?"
        count = facets.areas.get(area, 0)
        return StartingQuestion(words, list_url(RecordFilter(area=area)), count)
    return None


def _most_written(facets: Facets) -> StartingQuestion | None:
    if count := facets.statuses.get("drift", 0):
        url = list_url(RecordFilter(status="drift"))
        return StartingQuestion("Vad används redan i drift hos andra?", url, count)
    return None


def _stopped(facets: Facets) -> StartingQuestion | None:
    if count := facets.statuses.get("avbrutet", 0):
        url = list_url(RecordFilter(status="avbrutet"))
        return StartingQuestion("Vad avbröts, och varför?", url, count)
    return None


def _areas(facets: Facets) -> list[StartingQuestion]:
    counted = sorted(
        ((area, facets.areas.get(area.id, 0)) for area in taxonomy.areas()),
        key=lambda pair: -pair[1],
    )
    return [
        StartingQuestion(
            f"Hur gör andra med {_lower_first(area.sv)}?",
            list_url(RecordFilter(area=area.id)),
            count,
        )
        for area, count in counted
        if count
    ]
