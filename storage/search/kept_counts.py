"""Counts over all that the index holds, kept, and moved on by the documents that changed.

A commit mostly changes a document or two, so what was counted is not counted anew: of what changed
is taken away what it counted for before, and added what it counts for now. That is done with the
commit, so that no reader waits for it. Where only the commonest values are counted, and it is not
certain any more which those are, the answer is forgotten.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import NamedTuple, TypeAlias

import tantivy

from storage.errors import IndexingError
from storage.search.panics import panics_as_errors
from storage.search.search_index import SearchIndex, View

Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""By field, how many documents have each value."""
Counting: TypeAlias = Callable[[tantivy.Searcher, Sequence[int] | None], Counts]
"""Counts all documents, or those with some keys only."""
_KEPT = 30
"""Each is moved on with every commit of the index."""


class _Kept(NamedTuple):
    counts: Counts
    generation: int
    counting: Counting
    most: int | None


class KeptCounts:
    """What was asked for last, as of the index's present state; may be asked from any thread."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._changing = Lock()
        index.listeners.append(self._move_on)

    def read(self, asked: Hashable, counting: Counting, *, most: int | None = None) -> Counts:
        """Return what ``counting`` finds now, which ``asked`` tells from all else that is asked.

        With ``most``, it counts no more than so many values of a field, the commonest.
        """
        view = self._index.view
        with self._changing:
            known = self._kept.get(asked)
            if known is not None and known.generation == view.generation:
                self._kept.move_to_end(asked)
                return known.counts
        counts = counting(view.searcher, None)
        with self._changing:
            self._kept[asked] = _Kept(counts, view.generation, counting, most)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return counts

    def _move_on(self, before: View, after: View, keys: Sequence[int]) -> None:
        """Bring what is kept from one state to the next, in which these documents are others."""
        for asked, known in list(self._kept.items()):
            moved = None
            if known.generation == before.generation:
                # What cannot be counted now is counted when it is asked for, and fails there.
                with suppress(IndexingError), panics_as_errors():
                    was, now = (known.counting(one.searcher, keys) for one in (before, after))
                    moved = _moved(known, was, now)
            with self._changing:
                if self._kept.get(asked) is not known:
                    continue  # somebody has counted it meanwhile
                if moved is None:
                    del self._kept[asked]
                else:
                    self._kept[asked] = known._replace(counts=moved, generation=after.generation)


def _moved(known: _Kept, was: Counts, now: Counts) -> Counts | None:
    """Return counts without what was and with what is now; None when they are not certain."""
    found = {}
    for field, counts in known.counts.items():
        more = Counter(now[field])
        more.subtract(was[field])
        changed = {value: count for value, count in more.items() if count}
        is_cut = known.most is not None and len(counts) >= known.most
        if is_cut and any(count < 0 or value not in counts for value, count in changed.items()):
            return None
        moved = Counter(counts)
        moved.update(changed)
        found[field] = dict((+moved).most_common(known.most))
    return found
