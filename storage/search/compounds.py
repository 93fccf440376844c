"""Taking Swedish compounds apart: "äldreomsorgens" is äldre and omsorg.

Pure. A word is parts that may begin a compound, each in the form in which it does, and one that may
end one, in any inflection. Of several readings the one with the fewest parts is taken, and among
those the one whose first part is longest.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from storage.search.stems import stem
from storage.search.word_lists import BEGINS, ENDS, Entries, lines

SHORTEST_PART_CHARS = 4
"""Of the made list; shorter parts, of which most are traps, are chosen by hand."""
_SHORTEST_END_CHARS = 3
_SHORTEST_WORD_CHARS = 5
_PARTS_MAX = 5
_WORD_CHARS_MAX = 60


@dataclass(frozen=True, slots=True)
class Compounds:
    """``begins``: forms that may begin, with the stem of their word; ``ends``: stems that may end.

    An end of three letters is one only as it stands, and not where it inflects what is before it:
    "kommunens" is no kind of "ens".
    """

    begins: Mapping[str, str]
    ends: Container[str]
    stem: Callable[[str], str] = stem

    def split(self, word: str) -> list[str]:
        """Return the parts of a case-folded compound as they stand in it; empty when it is none."""
        if not _SHORTEST_WORD_CHARS <= len(word) <= _WORD_CHARS_MAX:
            return []
        found = self._split(word, _PARTS_MAX)
        return found if found and len(found) > 1 else []

    def _split(self, word: str, parts_max: int) -> list[str] | None:
        best: list[str] | None = None
        for end in range(len(word) - _SHORTEST_END_CHARS, 1, -1):
            if best is not None and len(best) == 2:
                break  # fewer parts there cannot be
            head = word[:end]
            if head not in self.begins or self._is_inflected(head, word):
                continue
            for tail in _tails(head, word[end:]):
                rest = self._rest(tail, (len(best) if best else parts_max + 1) - 2)
                if rest is not None:
                    best = [head, *rest]
        return best

    def _is_inflected(self, head: str, word: str) -> bool:
        is_short = len(word) - len(head) < SHORTEST_PART_CHARS
        return is_short and self.stem(word) == self.stem(head)

    def _rest(self, tail: str, parts_max: int) -> list[str] | None:
        if parts_max < 1:
            return None
        if tail in self.ends or (len(tail) >= SHORTEST_PART_CHARS and self.stem(tail) in self.ends):
            return [tail]
        return self._split(tail, parts_max) if parts_max > 1 else None


def _tails(head: str, tail: str) -> tuple[str, ...]:
    """What may follow: of three equal letters in a row only two are written ("tillägg")."""
    doubled = head[-1] == head[-2:-1] and tail[0] != head[-1]
    return (tail, head[-1] + tail) if doubled else (tail,)


def read_compounds() -> Compounds:
    """Return the parts of the dictionary and of our own supplement."""
    begins: dict[str, str] = {}
    ends: dict[str, str] = {}
    for entry in lines("municipal_parts.txt"):
        form, _, base = entry[1:].partition(" ")
        if entry.startswith(BEGINS):
            begins[form] = stem(base or form)
        else:
            ends |= dict.fromkeys((form, stem(form)), form)
    return Compounds(Entries(BEGINS, begins), Entries(ENDS, ends))
