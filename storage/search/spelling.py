"""Words that are in no record, and the word that was probably meant.

Compared are words as they stand in titles, summaries and tags, by the letters one has to add, take
away, change or swap (the optimal string alignment distance), and at an equal distance by how many
records have them. A correction is always told, and what was typed can be asked for as it stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import tantivy
from tantivy import Query

from storage.record_views import MEMBERS
from storage.search.analyzer import Terms, is_simple_swedish, is_stop_word, terms_of, words_of
from storage.search.documents import CHOICES, PARTS, SPELLED, WORDS, choice
from storage.search.query_building import all_of

CHARS_MIN = 4
"""Shorter words have too many neighbours to guess between."""
_CHARS_FOR_TWO = 7
_PREFIXES = (2, 1)


class Vocabulary:
    """The words of the records that one reader may see.

    ``allowed`` finds these records and ``out_of_sight`` names the choices whose records are not
    among them. Words that only those have are not there: neither shown nor known.
    """

    def __init__(
        self,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        allowed: Query,
        out_of_sight: Sequence[str],
    ) -> None:
        self._searcher = searcher
        self._schema = schema
        self._allowed = allowed
        every = sum(searcher.doc_freq(CHOICES, choice("visibility", one)) for one in MEMBERS)
        gone = every - searcher.num_docs  # taken out or replaced, and still counted by terms
        self._unseen = gone + sum(searcher.doc_freq(CHOICES, one) for one in out_of_sight)

    def knows(self, word: str) -> bool:
        """Whether some record has a plain word, in whatever form, or every part of it."""
        terms = terms_of(word)
        if terms is None or self._occurs(terms.whole):
            return True
        return self._has_all_parts(terms)

    def corrected(self, word: str) -> str | None:
        """Return the word that was probably meant by one that is not known; None if none is near.

        ``word`` is plain.
        """
        if len(word) < CHARS_MIN or word.isdigit() or is_simple_swedish(word):
            return None
        terms = terms_of(word)
        is_compound = terms is not None and len(terms.simple) > 1
        far = 2 if len(word) >= _CHARS_FOR_TWO and not is_compound else 1
        for chars in _PREFIXES:
            best = min(self._near(word, word[:chars], far), default=None)
            if best is not None:
                return best[2]
        # The first letter itself may be the wrong one: swapped with the second, or left out.
        swapped = [word[1] + word[0] + word[2:3], word[1:3]]
        found = [near for prefix in swapped for near in self._near(word, prefix, far)]
        return min(found)[2] if found else None

    def beginning_with(self, beginning: str, limit: int) -> list[str]:
        """Return words of titles, summaries and tags with this beginning, the commonest first."""
        words = words_of(beginning)
        if len(words) != 1:
            return []
        allowed = self._allowed if self._unseen else None
        found = self._searcher.terms_with_prefix(SPELLED, words[0], filter_query=allowed)
        return [word for word, _ in found if not is_stop_word(word)][:limit]

    def _has_all_parts(self, terms: Terms) -> bool:
        simple = terms.simple
        return len(simple) > 1 and all(map(self._occurs, simple))

    def _occurs(self, term: str) -> bool:
        return any(self._records(field, term) for field in (WORDS, PARTS))

    def _records(self, field: str, term: str) -> int:
        """How many records have a term; of very common ones those out of sight are counted too."""
        frequency: int = self._searcher.doc_freq(field, term)
        if not frequency or frequency > self._unseen:
            return frequency
        query = all_of([Query.term_query(self._schema, field, term, "basic"), self._allowed])
        return self._searcher.search(query, 1).count or 0  # type: ignore[attr-defined]

    def _near(self, word: str, prefix: str, far: int) -> Iterator[tuple[int, int, str]]:
        """Yield near words with a beginning, after their distance and minus their records."""
        from rapidfuzz.distance import OSA  # noqa: PLC0415  # 2 MB that typing errors alone need

        for other, _ in self._searcher.terms_with_prefix(SPELLED, prefix):
            if abs(len(other) - len(word)) <= far:
                distance = OSA.distance(word, other, score_cutoff=far)
                if distance <= far and (records := self._records(SPELLED, other)):
                    yield distance, -records, other
