"""What a list is asked for: the same for its page, its address, its feed, and who follows it. Pure.

A place and a group stand as codes, since which municipalities they gather may depend on whose node
it is ("our neighbours", "those like us") and changes with the country: `at` finds out, at each use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from node.municipal import places
from storage.record_views import RecordFilter

TEXT_CHARS_MAX = 200

# Parameter in the address → field of what is wanted.
PARAMETERS: Final = {
    "q": "text",
    "amne": "area",
    "typ": "type",
    "kommun": "municipality",
    "status": "status",
    "trakt": "place",
    "grupp": "group",
    "ar": "year",
    "oppen": "collaboration_open",
    "produkt": "product",
    "leverantor": "supplier",
    "svar": "answers",
    "ordagrant": "literal",
}


@dataclass(frozen=True, slots=True)
class Wanted(RecordFilter):
    """What an address asks for; `codes` are those of a place and a group once `at` has been told
    where we are.
    """

    place: str = ""
    group: str = ""

    @property
    def choices(self) -> dict[str, str | bool]:
        """Fields that are chosen, in the order of addresses: all that tells two lists apart."""
        chosen = {field: value for field in PARAMETERS.values() if (value := getattr(self, field))}
        if not self.text:
            chosen.pop("literal", None)  # there are no words to take as they stand
        return chosen

    @property
    def parameters(self) -> dict[str, str]:
        """The choices as an address names and writes them."""
        chosen = self.choices
        return {
            name: "1" if chosen[field] is True else str(chosen[field])
            for name, field in PARAMETERS.items()
            if field in chosen
        }

    def at(self, own: str) -> Wanted:
        """The same at the node of a municipality (kommunkod)."""
        codes = gathered_codes(self.place, self.group, own)
        return replace(self, codes=codes, near=places.near_codes(own))


def gathered_codes(place: str, group: str, own: str) -> frozenset[str] | None:
    """The municipalities that a place and a group leave; None when neither is chosen."""
    chosen = [
        codes_of(code, own)
        for code, codes_of in ((place, places.place_codes), (group, places.group_codes))
        if code
    ]
    return frozenset.intersection(*chosen) if chosen else None
