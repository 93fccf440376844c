"""The best of what has every word, found among the best of what has any.

Where all words are common, ranking what has all of them goes through hundreds of thousands of
records one by one. What has any of them is a flat union of terms, of which most blocks can be left
out: no record in them can still be among the best. The best of these have all the words, nearly
always, and at the same scores; whether they do is looked up for them alone.
"""

from __future__ import annotations

from typing import TypeAlias

import tantivy
from tantivy import Occur, Query

from storage.search.analyzer import terms_of
from storage.search.choices import Clauses, unranked
from storage.search.documents import KEY, RECORD, key_of
from storage.search.query_building import (
    Terms,
    any_of,
    build_strict,
    flat_ways,
    parts_of,
    records_at_most,
)
from storage.search.query_language import Typed

Hits: TypeAlias = tuple[tuple[bytes, float], ...]
"""Records and their scores, the best first."""
COMMON_RECORDS = 20_000
"""What has all words is few enough to be gone through where one of them is in fewer than this."""
_MORE = 1.5
"""So many times what is wanted is looked at."""


def best_wide(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    typed: Typed,
    strictly: Query,
    seen: Clauses,
    limit: int,
) -> Hits | None:
    """Return the best records that have all of some common words; None when they must be found in
    the plain way.

    ``strictly`` finds what has them all, and ``seen`` only leaves out. The answer is what ranking
    all of that would give, ties included.
    """
    if not _is_worth_it(searcher, typed) or any(occur != Occur.MustNot for occur, _ in seen):
        return None
    ways, names = flat_ways(searcher, schema, typed.words)
    most = int(limit * _MORE)
    hits = _hits(searcher, any_of(ways), most)
    if not hits:
        return ()
    keys = [Query.term_query(schema, KEY, key_of(record), "basic") for record, _ in hits.values()]
    wanted = [(Occur.Must, any_of(keys)), (Occur.Must, strictly), *seen]
    found = searcher.search(unranked(Query.boolean_query(wanted)), most, count=False)
    whole = {(address.segment_ord, address.doc) for _, address in found.hits}
    if len(whole) < limit and len(hits) == most:
        return None
    best = {place: hit for place, hit in hits.items() if place in whole}
    if names:
        # Few have them, and more for it.
        together = any_of([Terms(searcher, schema).phrase(name) for name in names])
        among = [(Occur.Must, unranked(together)), *seen]
        ranked = build_strict(searcher, schema, typed, among=among)
        best |= _hits(searcher, ranked, limit)
    ordered = sorted(best.items(), key=lambda item: (-item[1][1], item[0]))
    return tuple(hit for _, hit in ordered[:limit])


def _hits(
    searcher: tantivy.Searcher, query: Query, most: int
) -> dict[tuple[int, int], tuple[bytes, float]]:
    """The best records of a query and their scores, by their place in the index."""
    return {
        (address.segment_ord, address.doc): (bytes(searcher.doc(address)[RECORD][0]), float(score))
        for score, address in searcher.search(query, most, count=False).hits
    }


def _is_worth_it(searcher: tantivy.Searcher, typed: Typed) -> bool:
    """Whether there are some words, all of them common, and none is a compound: what its parts add
    makes a union that has to be gone through."""
    telling = {word: found for word in typed.words if (found := terms_of(word)) is not None}
    if typed.phrases or typed.without or len(telling) < 2:
        return False
    if any(parts_of(searcher, found) for found in telling.values()):
        return False
    return min(records_at_most(searcher, word) for word in telling) > COMMON_RECORDS
