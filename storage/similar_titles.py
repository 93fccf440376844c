"""Records whose titles are like one that is being typed.

Only so many of the newest are looked at, read in the order of their index, so that typing costs the
same however much the network holds. A word counts the more the fewer titles have it; two words are
the same when they begin alike, since Swedish bends its words at the end.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.record_lists import listed
from storage.schema import records
from storage.search_text import plain
from storage.visible_logs import VisibleLogs

TITLES_LOOKED_AT = 2_000
_WORD_LETTERS_MIN = 4
_STEM_LETTERS = 6
_WORDS_MAX = 20
_SHARE_MIN = 0.2
"""Share of the typed title's weight that another must have in common with it."""


async def read_similar(
    connection: AsyncConnection,
    title: str,
    logs: VisibleLogs,
    visible: Sequence[str],
    count: int,
) -> list[bytes]:
    """Return the ids of at most ``count`` records, the most similar first."""
    if not _stems(title):
        return []
    statement = (
        select(records.c.record_id, records.c.title)
        .where(*listed(logs, visible))
        .order_by(records.c.published_ms.desc(), records.c.record_id.desc())
        .limit(TITLES_LOOKED_AT)
    )
    rows = (await connection.execute(statement)).all()
    return most_similar(title, [(row.record_id, row.title) for row in rows], count)


def most_similar(title: str, titles: Iterable[tuple[bytes, str]], count: int) -> list[bytes]:
    """Return those of some titles that are like one, the most similar first."""
    wanted = _stems(title)
    found = [(record, wanted & _stems(other)) for record, other in titles]
    frequency = Counter(stem for _, shared in found for stem in shared)
    weights = {stem: _weight(frequency[stem], len(found)) for stem in wanted}
    least = _SHARE_MIN * sum(weights.values())
    scores = [(sum(weights[stem] for stem in shared), record) for record, shared in found]
    likely = [pair for pair in scores if pair[0] and pair[0] >= least]
    likely.sort(key=lambda pair: -pair[0])
    return [record for _, record in likely[:count]]


def _weight(titles: int, of_titles: int) -> float:
    """How much a word says that so many titles have; one that none has says little."""
    return math.log((of_titles + 1) / titles) if titles else 1.0


def _stems(title: str) -> set[str]:
    """The beginnings of a title's longer words."""
    words = [word for word in re.findall(r"\w+", plain(title)) if len(word) >= _WORD_LETTERS_MIN]
    return {word[:_STEM_LETTERS] for word in words[:_WORDS_MAX]}
