"""Words that are in no record, and the word that was probably meant.

Compared are words as they stand in titles, summaries and tags, by the letters one has to add, take
away, change or swap (the optimal string alignment distance), and at an equal distance by how many
records have them. A correction is always told, and what was typed can be asked for as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator

import tantivy
from rapidfuzz.distance import OSA

from storage.search.analyzer import Terms, is_simple_swedish, terms_of
from storage.search.documents import PARTS, SPELLED, WORDS

CHARS_MIN = 4
"""Shorter words have too many neighbours to guess between."""
_CHARS_FOR_TWO = 7
_PREFIXES = (2, 1)


def is_known(searcher: tantivy.Searcher, word: str) -> bool:
    """Whether some record has a plain word, in whatever form, or every part of it."""
    terms = terms_of(word)
    if terms is None or _occurs(searcher, terms.whole):
        return True
    return _has_all_parts(searcher, terms)


def _has_all_parts(searcher: tantivy.Searcher, terms: Terms) -> bool:
    simple = terms.simple
    return len(simple) > 1 and all(_occurs(searcher, part) for part in simple)


def _occurs(searcher: tantivy.Searcher, term: str) -> bool:
    return any(searcher.doc_freq(field, term) for field in (WORDS, PARTS))


def corrected(searcher: tantivy.Searcher, word: str) -> str | None:
    """Return the word that was probably meant by one that is not known; None when none is near."""
    if len(word) < CHARS_MIN or word.isdigit() or is_simple_swedish(word):
        return None
    terms = terms_of(word)
    is_compound = terms is not None and len(terms.simple) > 1
    far = 2 if len(word) >= _CHARS_FOR_TWO and not is_compound else 1
    for chars in _PREFIXES:
        best = min(_near(searcher, word, word[:chars], far), default=None)
        if best is not None:
            return best[2]
    # The first letter itself may be the wrong one: swapped with the second, or left out.
    swapped = [word[1] + word[0] + word[2:3], word[1:3]]
    found = [near for prefix in swapped for near in _near(searcher, word, prefix, far)]
    return min(found)[2] if found else None


def _near(
    searcher: tantivy.Searcher, word: str, prefix: str, far: int
) -> Iterator[tuple[int, int, str]]:
    """Yield near words with a beginning, after their distance and minus their records."""
    for other, records in searcher.terms_with_prefix(SPELLED, prefix):
        if abs(len(other) - len(word)) <= far:
            distance = OSA.distance(word, other, score_cutoff=far)
            if distance <= far:
                yield distance, -records, other
