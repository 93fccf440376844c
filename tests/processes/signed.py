"""What honest processes have signed with a municipality's keys, and whether that still stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

KEY_KIND = "key"


class Signed(NamedTuple):
    """One entry, and the number of the key that it is signed with: 1 before any rotation."""

    key_number: int
    sequence: int
    entry: str


@dataclass(slots=True)
class Signing:
    """Notes what was signed, in order; `rotations` are the entries that brought a key in force."""

    entries: list[Signed] = field(default_factory=list)
    rotations: list[Signed] = field(default_factory=list)
    forged: set[str] = field(default_factory=set)
    """Ids of what a thief has signed."""

    @property
    def key_number(self) -> int:
        """Of the key in force."""
        return 1 + len(self.rotations)

    @property
    def last_sequence(self) -> int:
        """Number of the last entry of ours."""
        return max(one.sequence for one in self.entries)

    def acknowledged(self, told: Any) -> None:
        """The node said that it has signed and stored this."""
        self.entries.append(Signed(self.key_number, told["sequence"], told["entry"]))

    def rotated(self, sequence: int, entry: str) -> None:
        """The next key is in force from this entry on, which it has signed."""
        self.rotations.append(Signed(self.key_number + 1, sequence, entry))
        self.entries.append(self.rotations[-1])

    def note_log(self, log: list[dict[str, Any]]) -> None:
        """A whole log of a node that keeps the rules: it has signed all of it by itself."""
        for item in log:
            later = [one for one in self.rotations if one.sequence <= item["sequence"]]
            self.entries.append(Signed(1 + len(later), item["sequence"], item["entry"]))

    def signed_twice(self) -> list[str]:
        """Where honest processes have signed two entries at one number with one key."""
        found: dict[tuple[int, int], str] = {}
        return [
            f"two entries at number {one.sequence} with key {one.key_number}"
            for one in self.entries
            if found.setdefault((one.key_number, one.sequence), one.entry) != one.entry
        ]

    def given_way(self, log: list[dict[str, Any]]) -> list[Signed]:
        """What a later key's rotation, which is in this log, has taken the place of."""
        return [one for one in self._not_in(log) if self._was_overtaken(one, log)]

    def lost(self, log: list[dict[str, Any]]) -> list[str]:
        """What is not in this log although no rotation in it says so."""
        return [
            f"entry {one.sequence}, signed with key {one.key_number}, is gone or another"
            for one in self._not_in(log)
            if not self._was_overtaken(one, log)
        ]

    def _not_in(self, log: list[dict[str, Any]]) -> list[Signed]:
        held = {item["sequence"]: item["entry"] for item in log}
        return [one for one in self.entries if held.get(one.sequence) != one.entry]

    def _was_overtaken(self, one: Signed, log: list[dict[str, Any]]) -> bool:
        keys = {(item["sequence"], item["entry"]) for item in log if item["kind"] == KEY_KIND}
        return any(
            later.key_number > one.key_number
            and later.sequence <= one.sequence
            and (later.sequence, later.entry) in keys
            for later in self.rotations
        )
