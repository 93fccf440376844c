"""The best of what has every word, found among the best of what has any.

Where all words are common, ranking what has all of them goes through hundreds of thousands of
records one by one. What has any of them is a flat union of terms, of which most blocks can be left
out: no record in them can still be among the best. The best of these have all the words, nearly
always, and at the same scores; whether they do is looked up for them alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import tantivy
from tantivy import Occur, Query

from storage.search.analyzer import terms_of
from storage.search.choices import Clauses, unranked
from storage.search.documents import KEY, RECORD, key_of
from storage.search.query_building import any_of, records_at_most, word_ways
from storage.search.query_language import Typed
from storage.search.synonyms import other_names

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
    flat = any_of([query for ways in word_ways(schema, typed.words) for query in ways])
    most = int(limit * _MORE)
    result = searcher.search(flat, most, count=False)
    hits = [
        (address, bytes(searcher.doc(address)[RECORD][0]), float(score))
        for score, address in result.hits
    ]
    if not hits:
        return ()
    among = any_of(
        [Query.term_query(schema, KEY, key_of(record), "basic") for _, record, _ in hits]
    )
    wanted = [(Occur.Must, among), (Occur.Must, strictly), *seen]
    found = searcher.search(unranked(Query.boolean_query(wanted)), most, count=False)
    are_whole = {(address.segment_ord, address.doc) for _, address in found.hits}
    best = tuple(
        (record, score)
        for address, record, score in hits
        if (address.segment_ord, address.doc) in are_whole
    )
    return best[:limit] if len(best) >= limit or len(hits) < most else None


def _is_worth_it(searcher: tantivy.Searcher, typed: Typed) -> bool:
    """Whether there are some words, all of them common, and each is there as a term or not at all:
    what must stand together, or apart, makes a union that has to be gone through."""
    telling = [word for word in typed.words if terms_of(word) is not None]
    if typed.phrases or typed.without or len(telling) < 2:
        return False
    if min(records_at_most(searcher, word) for word in telling) <= COMMON_RECORDS:
        return False
    return _are_single(telling) and all(
        len(name) == 1 for _, _, names in other_names(telling) for name in names
    )


def _are_single(words: Sequence[str]) -> bool:
    return all(found is None or len(found.simple) < 2 for found in map(terms_of, words))
