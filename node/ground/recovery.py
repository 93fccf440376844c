"""Whether this node may sign: it may not while it could be missing entries that it signed before.

Two entries at one sequence number would freeze the municipality's log everywhere. So the node reads
and syncs, but signs nothing, while any of these holds (docs/protocol.md §5.7):

1. The guard file is ahead of the database: the database is an old copy. Over when the log is back
   up to the guard.
2. The guard is missing or unreadable, so nobody here knows how far the log went, and no answer of
   neighbours says what none of them holds. Over by a rotation: the new key has signed nothing
   before, and what the old one signed beyond gives way. It waits until every neighbour has
   compared logs with us and none of them knows more.
3. A neighbour knows more of our log than we do. Over when the log is back that far, when that
   neighbour compares logs anew without knowing more, or when what it offered turned out not to be
   our log.
4. The database and the guard tell different histories, or the guard cannot be written. Over only by
   a person.
5. A neighbour has met two running nodes with our key. Over by a person's decision or a rotation,
   after which only one of them has the log's key.
6. The log's key is another than the one on this machine: somebody rotated it elsewhere, or this is
   a new machine with the key from the recovery sheet. Over when the two are the same.
7. The newest part of our own log is damaged on the disk. Over when neighbours have given it back.
8. The node was off for longer than a restart takes, so it may be an old copy, and not all of its
   neighbours have answered in time. Over when all have compared logs with us, or refused to.

Apart from these, nothing but a new key is signed after an entry that says that we leave.

A person may rotate without the rest of the log (`without_rest`), or have the key on this machine
sign on (`override`); both are audited. This module decides only; it reads no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from node.errors import (
    FrozenError,
    LeftError,
    NewKeyNeededError,
    NotAllHeardError,
    RecoveringError,
)
from protocol.content.lifecycle import LEAVE_KIND
from protocol.directory import LogView
from protocol.identity import SigningKey, next_key_digest
from storage.guard_file import GuardState

OWN_LOG_CLAIM = "own_log_claim"
"""Name of the stored fact that a neighbour had more of our log, so that a restart knows of it."""

COPY_MET = "copy_met"
"""Name of the stored fact that a neighbour met a second node with our key."""

_REASONS = {
    GuardState.MISSING: "the guard file is missing",
    GuardState.UNREADABLE: "the guard file cannot be read",
    GuardState.DIVERGED: "the database and the guard file tell different histories",
}


_NOT_ALL_HEARD = "and not every neighbour has compared logs with us"
_WAS_OFF = f"the node was off for long and may be an old copy, {_NOT_ALL_HEARD}"


class Recovery:
    """Keeps the reasons not to sign, and strikes them out as the log comes back."""

    def __init__(self, state: GuardState, guard_sequence: int, *, claimed: bool = False) -> None:
        """Begin with how the database stood to the guard (sequence 0 when there is none).

        `claimed` says that a neighbour knew more of our log before a restart.
        """
        self._needed_sequence = guard_sequence if state is GuardState.DATABASE_BEHIND else 0
        self._guardless = state in (GuardState.MISSING, GuardState.UNREADABLE)
        self._unknown = claimed or self._guardless
        self._diverged = state is GuardState.DIVERGED
        self._blocked: str | None = None
        self._unknown_reason = _REASONS.get(state, "a neighbour had more of our log")
        self._claims: dict[bytes, int] = {}
        self._claimed_now: set[bytes] = set()
        self._compared: set[bytes] = set()
        self._refusing: set[bytes] = set()
        self._overridden_through = 0
        self._key_reason: str | None = None
        self._copy_met = False
        self._has_left = False
        self._was_off = False
        self._damaged = False
        self._damage_overridden = False
        self.listeners: list[Callable[[], None]] = []

    @property
    def needed_sequence(self) -> int:
        """The sequence number our log must be back at, as far as is known; 0 when it is whole."""
        return max([self._needed_sequence, *self._claims.values()])

    @property
    def reason(self) -> str | None:
        """Why nothing is signed, in words; None when the node may sign."""
        if self._copy_met and not self._blocked:
            return "a second node with our key is running, as a neighbour has seen"
        return self.log_reason or self._key_reason or self._new_key_reason

    @property
    def is_copied(self) -> bool:
        """Whether a neighbour has met a second node with our key."""
        return self._copy_met

    @property
    def has_left(self) -> bool:
        """Whether our log's newest entry says that the municipality leaves."""
        return self._has_left

    @property
    def has_other_key(self) -> bool:
        """Whether the log's key is another than the one on this machine."""
        return self._key_reason is not None

    @property
    def waits_for_answers(self) -> bool:
        """Whether nothing is known to be missing, but a neighbour has still to answer."""
        return self._was_off and self.reason == _WAS_OFF

    @property
    def needs_new_key(self) -> bool:
        """Whether the key on this machine may have signed entries that nobody can name."""
        return self._guardless

    @property
    def lacks_signed(self) -> bool:
        """Whether entries that were signed here are known to be missing from the database."""
        return self._diverged or self._needed_sequence > 0

    @property
    def log_reason(self) -> str | None:
        """Why our log may not be here in full, in words, the keys left aside."""
        return self._blocked or self._damage_reason or self._rest_reason

    @property
    def _new_key_reason(self) -> str | None:
        return f"{self._unknown_reason}: it takes a new key" if self._guardless else None

    @property
    def _damage_reason(self) -> str | None:
        if self._damaged and not self._damage_overridden:
            return "the newest part of our own log is damaged on the disk"
        return None

    @property
    def _rest_reason(self) -> str | None:
        """Why somebody else may have more of our log, or nobody any more."""
        if self._diverged:
            return _REASONS[GuardState.DIVERGED]
        if self._needed_sequence:
            return f"the database is older than the guard file (entry {self._needed_sequence})"
        if self._claims:
            return f"a neighbour has more of our log (up to entry {max(self._claims.values())})"
        if self._unknown:
            return f"{self._unknown_reason}, {_NOT_ALL_HEARD}"
        return _WAS_OFF if self._was_off else None

    def unheard(self, neighbours: Iterable[bytes]) -> list[bytes]:
        """Those of these neighbours that have not compared logs with us, or know of more."""
        return [log for log in neighbours if log not in self._compared or log in self._claims]

    def awaited(self, neighbours: Iterable[bytes]) -> list[bytes]:
        """Those of these neighbours that may still answer after a long time off."""
        return [log for log in self.unheard(neighbours) if log not in self._refusing]

    def require_signing(self, own: LogView | None) -> None:
        """Raise unless the node may sign now: `RecoveringError`, `NewKeyNeededError` without a
        guard, `NotAllHeardError` after a long time off, `FrozenError` after a fork, or `LeftError`
        after the last word."""
        if own is not None and own.frozen:
            raise FrozenError("Two different entries were signed at one place of our own log.")
        if self.reason is not None:
            raise self._error(f"Nothing is signed while {self.reason}.")
        if self._has_left:
            raise LeftError("The municipality has left the network.")

    def _error(self, text: str) -> RecoveringError:
        if self._guardless:
            return NewKeyNeededError(text)
        return NotAllHeardError(text) if self.waits_for_answers else RecoveringError(text)

    def require_rotation(self, own: LogView | None, *, without_rest: bool = False) -> None:
        """Raise unless a rotation may be signed now: it repairs a fork and brings a key in force.

        It names the entry that it continues, and what a neighbour has beyond would be lost: so the
        log must be here, or a person has given up the rest. Of a log with a fork no more can come.
        """
        rest = None if without_rest else self._rest_reason
        missing = self._blocked or self._damage_reason or rest
        if missing is not None and not (own is not None and own.frozen):
            error = NotAllHeardError if missing == _WAS_OFF else RecoveringError
            raise error(f"Nothing is signed while {missing}.")

    def may_rotate(self, own: LogView | None) -> bool:
        """Whether our log is here as far as anybody is known to have it."""
        try:
            self.require_rotation(own)
        except RecoveringError:
            return False
        return True

    def compare_key(self, own: LogView | None, key: SigningKey) -> None:
        """See whether the key on this machine is the log's; called when either has changed."""
        keys = own.head.keys if own and own.head else None
        if keys is None or keys.current == key.public_key:
            self._key_reason = None
        elif next_key_digest(key.public_key) == keys.next_digest:
            self._key_reason = "the key from the recovery sheet has not been brought in force yet"
        else:
            self._key_reason = "the log has got another key than the one on this machine"

    def note_newest(self, kind: str) -> None:
        """The newest entry of our log is of this kind."""
        self._has_left = kind == LEAVE_KIND

    def note_rotated(self) -> None:
        """The next key signs from here on and has signed nothing else: what is missing gives way,
        and neighbours' claims to have it do not return in this run. Called with the guard written.
        """
        before = self.reason
        self._overridden_through = max([self._overridden_through, *self._claims.values()])
        self._give_up_rest()
        self._ended(before)

    def note_copy(self, met: bool = True) -> None:
        """A neighbour has met a second node with our key; False when that is over."""
        self._copy_met = met

    def note_damage(self, is_damaged: bool = True) -> None:
        """The newest part of our own log cannot be read; False when it can."""
        before = self.reason
        self._damaged = is_damaged
        self._ended(before)

    def note_off(self) -> None:
        """The node was off for long, and some neighbour has not answered in time."""
        self._was_off = True

    def block(self, reason: str) -> None:
        """Sign nothing until a person has looked."""
        self._blocked = reason

    def neighbour_ahead(self, neighbour: bytes, sequence: int) -> bool:
        """A neighbour says that it holds our log up to `sequence`, further than we do.

        True when this is the first time it says so in its present session.
        """
        if sequence > self._overridden_through:
            self._claims[neighbour] = sequence
        said_before = neighbour in self._claimed_now
        self._claimed_now.add(neighbour)
        return not said_before

    def neighbour_began(self, neighbour: bytes) -> None:
        """A new session with a neighbour; an earlier claim stands until it is done comparing."""
        self._claimed_now.discard(neighbour)

    def neighbour_compared(self, neighbour: bytes) -> None:
        """A neighbour has compared all logs with us, and made its claim if it has one."""
        self._compared.add(neighbour)
        if neighbour not in self._claimed_now:
            self._claims.pop(neighbour, None)

    def neighbour_refuses(self, neighbour: bytes) -> None:
        """A neighbour has answered that it takes no call of ours."""
        self._refusing.add(neighbour)

    def claim_failed(self, neighbour: bytes) -> None:
        """What a neighbour sent as our log was not, or the neighbour was removed."""
        self._claims.pop(neighbour, None)

    def settle(self, own_sequence: int, neighbours: Iterable[bytes]) -> bool:
        """Strike out what is over; True when this made the node able to sign again."""
        before = self.reason
        if own_sequence >= self._needed_sequence:
            self._needed_sequence = 0
        self._claims = {log: far for log, far in self._claims.items() if far > own_sequence}
        asked = set(neighbours)
        if self._unknown and asked and asked <= self._compared and not self._claims:
            self._unknown = False
        if not self.awaited(asked):
            self._was_off = False
        return self._ended(before)

    def override(self, own_sequence: int) -> None:
        """A person lets the key on this machine sign on; claims made so far do not return in this
        run."""
        before = self.reason
        self._overridden_through = max([own_sequence, *self._claims.values()])
        self._give_up_rest()
        self._blocked, self._copy_met = None, False
        self._damage_overridden = self._damaged
        self._ended(before)

    def _give_up_rest(self) -> None:
        self._needed_sequence, self._claims = 0, {}
        self._unknown = self._guardless = self._diverged = self._was_off = False

    def _ended(self, before: str | None) -> bool:
        over = before is not None and self.reason is None
        if over:
            for listener in self.listeners:
                listener()
        return over
