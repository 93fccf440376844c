"""Which conditions need a person: one table, from facts to what holds now.

Pure: facts and a time in, conditions out. What is not known (None) is never held against anybody.
The words about each are in node/web/alert_words.py, so that page, letter, webhook and `tidan
doctor` say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from storage.alert_store import Raised

HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
SILENT_MS = DAY_MS
STARTING_MS = 10 * 60 * 1000
"""How long after its start a node may take to find its neighbours again."""
DISK_FREE_SHARE = 0.10
DISK_FREE_BYTES = 10_000_000_000
"""A disk is filling when less than both is free."""
DISK_CALM = 1.2
"""So much more must be free before it is no longer filling, so that it does not come and go."""
CERTIFICATE_ENDING_MS = 14 * DAY_MS
CERTIFICATE_SHARE = 5
"""A certificate is renewed by then, or when a fifth of its life is left, whichever is later."""
DAMAGE_TOLD_MS = 7 * DAY_MS
"""A disk that has changed something is spoken of so long, also when all of it is mended."""
KEY_OLD_MS = 3 * 365 * DAY_MS
UNREACHED_MS = DAY_MS
NEIGHBOUR_CODES: Final = frozenset({"neighbour_silent", "neighbour_never_heard"})
WEBHOOK_FAILING_MS = HOUR_MS


class NeighbourFacts(NamedTuple):
    """A neighbour; `seen_ms` is None when no session with it ever worked. Nobody expects to hear of
    one that has left the network."""

    log: str
    code: str
    name: str
    added_ms: int
    seen_ms: int | None
    connected: bool
    paused: bool
    has_left: bool = False

    @property
    def is_missed(self) -> bool:
        """Whether it should be in contact and is not."""
        return not (self.connected or self.paused or self.has_left)


class ForkFacts(NamedTuple):
    """A log that is frozen since two versions of it were found."""

    log: str
    code: str
    name: str
    is_own: bool
    found_ms: int


class DiskFacts(NamedTuple):
    """The disk that the data folder is on."""

    free_bytes: int
    total_bytes: int
    is_writable: bool = True


class FileRoom(NamedTuple):
    """Attachments that wait for room. `log` is empty for the room of all of them together."""

    log: str
    code: str
    name: str
    room_bytes: int


class QuotaFacts(NamedTuple):
    """A quota that is reached: of a log as a whole, or of what a neighbour may bring in a day.

    `until_ms` is when a neighbour's day ends, None for a log.
    """

    log: str
    code: str
    name: str
    until_ms: int | None = None


class CertificateFacts(NamedTuple):
    """What a TLS server showed, at our own address or at a neighbour's."""

    origin: str
    is_own: bool
    code: str
    name: str
    begins_ms: int
    ends_ms: int


class ConfirmationFacts(NamedTuple):
    """What the municipality's own domain says of our log: `answer` is "confirmed", "other",
    "missing" or "unreachable", and has been so since `since_ms`.
    """

    domain: str
    answer: str
    since_ms: int


class DamageFacts(NamedTuple):
    """Entries of a log that the disk has changed and nobody has given back yet."""

    log: str
    code: str
    name: str
    is_own: bool
    entry_count: int
    found_ms: int


class NameFacts(NamedTuple):
    """A name that a municipality has signed and that is not shown; `like` is whose it is like,
    empty for one in letters that nobody here can read."""

    log: str
    code: str
    name: str
    wanted: str
    like: str


class ScrubFacts(NamedTuple):
    """What is known of damage to what is stored."""

    met_ms: int
    """When any was last found, mended since or not; 0 for never."""
    logs: tuple[DamageFacts, ...]
    files: int
    """Attachments that were removed for it and have not come back."""
    unreadable_logs: int
    """Logs that the last check could not read, or that did not add up."""


class NodeFacts(NamedTuple):
    """All that conditions are made of; None is for what is not known now."""

    now_ms: int
    serving_ms: int | None
    """How long this node has dialled and listened; None when it only runs one command."""
    neighbours: tuple[NeighbourFacts, ...] = ()
    forks: tuple[ForkFacts, ...] = ()
    recovering: str | None = None
    """Why our log may not be here in full."""
    waits_for_answers: bool = False
    """The node was off for long, and a neighbour has still to answer."""
    is_copied: bool = False
    """A neighbour has met a second node with our key."""
    has_other_key: bool = False
    """The log's key is another than the one on this machine."""
    needs_new_key: bool = False
    """The guard file was gone, so nobody knows what the key has signed."""
    tasks_healthy: bool = True
    disk: DiskFacts | None = None
    files_without_room: tuple[FileRoom, ...] = ()
    quotas_reached: tuple[QuotaFacts, ...] = ()
    names_refused: tuple[NameFacts, ...] = ()
    damage: ScrubFacts | None = None
    certificates: tuple[CertificateFacts, ...] = ()
    confirmation: ConfirmationFacts | None = None
    key_since_ms: int | None = None
    webhook_failing_since_ms: int | None = None
    unasked: frozenset[str] = frozenset()
    """Addresses and domains whose answer is not known yet in this run of the node."""
    open: tuple[Raised, ...] = ()
    """What held the last time anybody looked."""

    @property
    def has_settled(self) -> bool:
        """Whether the node has had time to find its neighbours."""
        return self.serving_ms is not None and self.serving_ms >= STARTING_MS


Condition = Callable[[NodeFacts], Iterable[Raised]]


def conditions(facts: NodeFacts) -> list[Raised]:
    """Everything that needs a person now, the gravest kinds first.

    What held before and cannot be judged yet holds still: a restart ends nothing.
    """
    holding = [raised for condition in CONDITIONS for raised in condition(facts)]
    found = {(raised.code, raised.subject) for raised in holding}
    return holding + [
        raised
        for raised in facts.open
        if (raised.code, raised.subject) not in found and _is_unjudged(facts, raised)
    ]


def _is_unjudged(facts: NodeFacts, raised: Raised) -> bool:
    if raised.code in NEIGHBOUR_CODES:
        missed = {one.log for one in facts.neighbours if one.is_missed}
        return raised.subject in missed and not facts.has_settled
    return raised.subject in facts.unasked


def _task_ended(facts: NodeFacts) -> Iterator[Raised]:
    if not facts.tasks_healthy:
        yield Raised("task_ended", "", facts.now_ms, {})


def _forked(facts: NodeFacts) -> Iterator[Raised]:
    for one in facts.forks:
        code = "own_fork" if one.is_own else "fork"
        yield Raised(code, one.log, one.found_ms, {"code": one.code, "name": one.name})


def _recovering(facts: NodeFacts) -> Iterator[Raised]:
    if facts.needs_new_key:
        yield Raised("new_key_needed", "", facts.now_ms, {})
    elif facts.waits_for_answers:
        yield Raised("not_all_heard", "", facts.now_ms, {})
    elif facts.recovering is not None:
        yield Raised("recovering", "", facts.now_ms, {})


def _keys_differ(facts: NodeFacts) -> Iterator[Raised]:
    if facts.is_copied:
        yield Raised("own_copy", "", facts.now_ms, {})
    if facts.has_other_key and facts.recovering is None and not facts.needs_new_key:
        yield Raised("own_key_other", "", facts.now_ms, {})


def _disk_unwritable(facts: NodeFacts) -> Iterator[Raised]:
    if facts.disk is not None and not facts.disk.is_writable:
        yield Raised("disk_unwritable", "", facts.now_ms, {})


def _disk_filling(facts: NodeFacts) -> Iterator[Raised]:
    if facts.disk is None:
        return
    enough_bytes = min(facts.disk.total_bytes * DISK_FREE_SHARE, DISK_FREE_BYTES)
    if any(raised.code == "disk_filling" for raised in facts.open):
        enough_bytes *= DISK_CALM
    if facts.disk.free_bytes < enough_bytes:
        # In steps of 100 MB: not every written byte is news.
        free_bytes = facts.disk.free_bytes // 100_000_000 * 100_000_000
        yield Raised("disk_filling", "", facts.now_ms, {"free_bytes": free_bytes})


def _files_without_room(facts: NodeFacts) -> Iterator[Raised]:
    for one in facts.files_without_room:
        if one.log:
            about: dict[str, str | int] = {"code": one.code, "name": one.name}
            about["room_bytes"] = one.room_bytes
            yield Raised("log_files_full", one.log, facts.now_ms, about)
        else:
            yield Raised("files_full", "", facts.now_ms, {"room_bytes": one.room_bytes})


def _quota_reached(facts: NodeFacts) -> Iterator[Raised]:
    for one in facts.quotas_reached:
        about: dict[str, str | int] = {"code": one.code, "name": one.name}
        if one.until_ms is None:
            yield Raised("log_full", one.log, facts.now_ms, about)
        else:
            about["until_ms"] = one.until_ms
            yield Raised("neighbour_share", one.log, facts.now_ms, about)


def _name_refused(facts: NodeFacts) -> Iterator[Raised]:
    for one in facts.names_refused:
        about: dict[str, str | int] = {"code": one.code, "name": one.name}
        about |= {"wanted": one.wanted, "like": one.like}
        yield Raised("name_refused", one.log, facts.now_ms, about)


def _damaged(facts: NodeFacts) -> Iterator[Raised]:
    damage = facts.damage
    if damage is None:
        return
    if damage.unreadable_logs:
        about: dict[str, str | int] = {"count": damage.unreadable_logs}
        yield Raised("store_unreadable", "", facts.now_ms, about)
    for one in damage.logs:
        code = "own_log_damaged" if one.is_own else "log_damaged"
        told: dict[str, str | int] = {"code": one.code, "name": one.name}
        yield Raised(code, one.log, one.found_ms, told | {"count": one.entry_count})
    if damage.files:
        yield Raised("files_damaged", "", facts.now_ms, {"count": damage.files})
    if damage.met_ms and facts.now_ms - damage.met_ms < DAMAGE_TOLD_MS:
        yield Raised("disk_damaging", "", damage.met_ms, {"since_ms": damage.met_ms})


def _neighbour_silent(facts: NodeFacts) -> Iterator[Raised]:
    if not facts.has_settled:
        return
    for one in facts.neighbours:
        since_ms = one.added_ms if one.seen_ms is None else max(one.seen_ms, one.added_ms)
        if one.is_missed and facts.now_ms - since_ms >= SILENT_MS:
            code = "neighbour_never_heard" if one.seen_ms is None else "neighbour_silent"
            about: dict[str, str | int] = {"code": one.code, "name": one.name, "since_ms": since_ms}
            yield Raised(code, one.log, since_ms, about)


def _certificate_ending(facts: NodeFacts) -> Iterator[Raised]:
    for one in facts.certificates:
        left_ms = one.ends_ms - facts.now_ms
        life_ms = one.ends_ms - one.begins_ms
        if left_ms >= min(CERTIFICATE_ENDING_MS, life_ms // CERTIFICATE_SHARE):
            continue
        whose = "own" if one.is_own else "neighbour"
        state = "ended" if left_ms <= 0 else "ending"
        about: dict[str, str | int] = {"code": one.code, "name": one.name, "ends_ms": one.ends_ms}
        since_ms = one.ends_ms if left_ms <= 0 else facts.now_ms
        yield Raised(f"{whose}_certificate_{state}", one.origin, since_ms, about)


def _domain_unconfirmed(facts: NodeFacts) -> Iterator[Raised]:
    found = facts.confirmation
    if found is None or found.answer == "confirmed":
        return
    if found.answer == "unreachable" and facts.now_ms - found.since_ms < UNREACHED_MS:
        return  # a web site may be away for a while
    is_away = found.answer == "unreachable"
    about: dict[str, str | int] = {"since_ms": found.since_ms} if is_away else {}
    yield Raised(f"domain_{found.answer}", found.domain, found.since_ms, about)


def _key_old(facts: NodeFacts) -> Iterator[Raised]:
    since_ms = facts.key_since_ms
    if since_ms is not None and facts.now_ms - since_ms >= KEY_OLD_MS:
        yield Raised("key_old", "", since_ms, {"since_ms": since_ms})


def _webhook_failing(facts: NodeFacts) -> Iterator[Raised]:
    since_ms = facts.webhook_failing_since_ms
    if since_ms is not None and facts.now_ms - since_ms >= WEBHOOK_FAILING_MS:
        yield Raised("webhook_failing", "", since_ms, {"since_ms": since_ms})


CONDITIONS: Final[tuple[Condition, ...]] = (
    _task_ended,
    _forked,
    _recovering,
    _keys_differ,
    _disk_unwritable,
    _disk_filling,
    _files_without_room,
    _quota_reached,
    _damaged,
    _name_refused,
    _neighbour_silent,
    _certificate_ending,
    _domain_unconfirmed,
    _key_old,
    _webhook_failing,
)
CODES: Final = frozenset({
    "task_ended", "own_fork", "fork", "recovering", "not_all_heard", "disk_filling", "files_full",
    "log_files_full",
    "neighbour_silent", "neighbour_never_heard", "own_certificate_ending", "own_certificate_ended",
    "neighbour_certificate_ending", "neighbour_certificate_ended", "domain_other",
    "domain_missing", "domain_unreachable", "key_old", "webhook_failing", "own_copy",
    "own_key_other", "new_key_needed", "log_full", "neighbour_share",
    "store_unreadable", "own_log_damaged", "log_damaged", "files_damaged",
    "disk_damaging", "disk_unwritable", "name_refused",
})  # fmt: skip
"""Every code there is; each has words."""
