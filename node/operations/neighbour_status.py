"""How it goes with each neighbour, in the words of the neighbours page: state, cause, and the one
thing to do.

Pure: facts in, words out. The two directions are kept apart, so that a neighbour that reaches us
never hides that we cannot reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from node.sync import words
from protocol.codes import CLONED
from protocol.codes import PAUSED as PAUSED_CODE
from protocol.effects import LinkStatus
from protocol.errors import AwaitingApprovalError, InviteRefusedError, NotNeighbourError
from protocol.lag import Lag
from protocol.transitions import State
from storage.neighbour_views import LinkHistory, Neighbour


class NeighbourState(StrEnum):
    """The word shown beside a neighbour."""

    IN_STEP = "I fas"
    FETCHING = "Hämtar"
    BEHIND = "Ligger efter"
    WAITING = "Väntar på motparten"
    PAUSED = "Pausad här"
    PAUSED_THERE = "Pausad där"
    BLOCKED = "Blockerad"
    NO_CONTACT = "Ingen kontakt"
    WRONG_KEY = "Fel nyckel"
    AT_QUOTA = "Kvoten nådd"
    LEFT = "Har lämnat nätverket"


PAUSED = "Ni har pausat kontakten."
RESUME = "Återuppta när ni vill utbyta igen."
WAIT_OR_ASK = "Vänta, eller ring och fråga varför."
BLOCKED_HERE = "Ni har blockerat kommunen, och byter inget med den."
UNBLOCK = "Lägg till den igen på sidan Grannar om blockeringen ska hävas."
COMPARING = "Jämför vad var och en har."
ASK_THEM = "Ring och be dem lägga till er."
CALL_AND_COMPARE = "Ring och jämför fingeravtryck, så att de kan godkänna."
ASK_FOR_INVITE = "Be dem om en ny inbjudan."
COMPARE_FINGERPRINTS = "Jämför fingeravtryck med grannen, till exempel per telefon."
THEY_CALL = "Väntar på att grannen ringer upp."
TRYING = "Försöker nå grannen."
CHECK_ADDRESS = "Kontrollera adressen om det dröjer."
TELL_THEM = "Säg till den som sköter grannens server."
SEE_KEYS = "Hur det reds ut står på sidan Nyckel och återställning."
LOG_FULL = "Inget mer tas in av det kommunen skriver: kvoten för den är nådd."
SHARE_SPENT = "Grannen har lämnat så mycket som den får på ett dygn. Resten hämtas sedan."
RAISE_QUOTA = "Höj kvoten om mängden är väntad, eller blockera kommunen."
HAS_LEFT = "Det kommunen har skrivit finns kvar här och förs vidare. Inget nytt kommer därifrån."
PART_WITH_THEM = "Ta bort den som granne när ni inte längre behöver nå dess server."
USE_NEW_ADDRESS = "Grannen har flyttat: använd den nya adressen."
LEFT_HERE = "%(count)s kvar att hämta."
LEFT_THERE = "Grannen har %(count)s kvar att hämta."
SENTENCES = (
    *(PAUSED, RESUME, WAIT_OR_ASK, BLOCKED_HERE, UNBLOCK, COMPARING, ASK_THEM),
    *(CALL_AND_COMPARE, ASK_FOR_INVITE, COMPARE_FINGERPRINTS, SEE_KEYS),
    *(THEY_CALL, TRYING, CHECK_ADDRESS, TELL_THEM, LEFT_HERE, LEFT_THERE),
    *(LOG_FULL, SHARE_SPENT, RAISE_QUOTA),
    *(HAS_LEFT, PART_WITH_THEM, USE_NEW_ADDRESS),
)
"""All that is said about a neighbour, its last error apart; the pages translate it."""
WRONG_KEY_CODES = frozenset({"bad_handshake", "wrong_neighbour", "bad_key_event", "key_refused"})
WAITING_CODES = {
    NotNeighbourError.code: ASK_THEM,
    AwaitingApprovalError.code: CALL_AND_COMPARE,
    InviteRefusedError.code: ASK_FOR_INVITE,
}
"""What only people on the other side can change, and what to ask of them."""
THEIR_CERTIFICATE = frozenset(
    {words.CERTIFICATE_EXPIRED, words.CERTIFICATE_UNTRUSTED, words.WRONG_CERTIFICATE}
)


@dataclass(frozen=True, slots=True)
class NeighbourStatus:
    """One row of `peer list` and of the neighbours page; times are milliseconds since 1970.

    How far each side is behind is as the neighbour said when it was last heard. `moved_to` is the
    address that it has signed, when that is another than the one dialled; `left_ms` is when it left
    the network.
    """

    log: str
    code: str
    name: str
    fingerprint: str
    url: str | None
    state: str
    cause: str
    action: str
    connected: bool
    paused: bool
    behind_in: int
    behind_out: int
    last_success_ms: int | None
    next_try_ms: int | None
    last_error: str | None
    last_error_code: str | None
    last_error_ms: int | None
    moved_to: str | None
    left_ms: int | None


class Told(NamedTuple):
    """The word for a neighbour's state, why it is so, and the one thing to do; the last two are
    empty when all is well."""

    state: NeighbourState
    cause: str = ""
    action: str = ""


def describe_state(
    neighbour: Neighbour,
    link: LinkStatus | None,
    behind: Lag,
    *,
    blocked: bool = False,
    frozen: bool = False,
    quota_reached: str = "",
    has_left: bool = False,
    has_moved: bool = False,
) -> Told:
    """Put the facts into words. `behind` is from when the neighbour was last heard; `blocked`,
    `frozen`, `has_left` and `has_moved` (to another address than the one dialled) are about its own
    log; `quota_reached` says which quota is, if any."""
    if blocked:
        return Told(NeighbourState.BLOCKED, BLOCKED_HERE, UNBLOCK)
    if neighbour.paused:
        return Told(NeighbourState.PAUSED, PAUSED, RESUME)
    if has_left and not (link and behind.behind_in):
        return Told(NeighbourState.LEFT, HAS_LEFT, PART_WITH_THEM)
    if link is not None and link.state is State.LIVE:
        return _connected(behind, frozen=frozen, quota_reached=quota_reached)
    if link is not None and link.state is State.RECONCILING:
        return Told(NeighbourState.FETCHING, COMPARING)
    told = _apart(neighbour)
    return told._replace(action=USE_NEW_ADDRESS) if has_moved else told


def _apart(neighbour: Neighbour) -> Told:
    """Without a session, by the newest error of either direction."""
    error = latest_error(neighbour)
    code = error.error_code if error else None
    cause = (error.error if error else None) or TRYING
    if code in WAITING_CODES:
        return Told(NeighbourState.WAITING, cause, WAITING_CODES[code])
    if code == PAUSED_CODE:
        return Told(NeighbourState.PAUSED_THERE, cause, WAIT_OR_ASK)
    if code in WRONG_KEY_CODES:
        return Told(NeighbourState.WRONG_KEY, cause, COMPARE_FINGERPRINTS)
    if cause == words.TOLD[CLONED]:
        return Told(NeighbourState.NO_CONTACT, cause, SEE_KEYS)
    if neighbour.url is None:
        return Told(NeighbourState.NO_CONTACT, THEY_CALL)
    if code == words.UNREACHABLE and cause not in THEIR_CERTIFICATE:
        return Told(NeighbourState.NO_CONTACT, cause, CHECK_ADDRESS)
    return Told(NeighbourState.NO_CONTACT, cause, TELL_THEM if code else CHECK_ADDRESS)


def _connected(behind: Lag, *, frozen: bool, quota_reached: str) -> Told:
    if frozen:
        return Told(NeighbourState.IN_STEP, words.WORDS["fork"])
    if quota_reached:
        return Told(NeighbourState.AT_QUOTA, quota_reached, RAISE_QUOTA)
    if behind.behind_in:
        cause = LEFT_HERE % {"count": _spaced(behind.behind_in)}
        return Told(NeighbourState.FETCHING, cause)
    if behind.behind_out:
        cause = LEFT_THERE % {"count": _spaced(behind.behind_out)}
        return Told(NeighbourState.BEHIND, cause)
    return Told(NeighbourState.IN_STEP)


def _spaced(count: int) -> str:
    """A count as it is written in Swedish: thousands apart, and never broken over two lines."""
    return f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")


def latest_error(neighbour: Neighbour) -> LinkHistory | None:
    """The direction whose error is newest, if any has one."""
    histories = [neighbour.outgoing, neighbour.incoming]
    failed = [history for history in histories if history.error_code is not None]
    return max(failed, key=lambda history: history.error_ms or 0, default=None)


def last_success_ms(neighbour: Neighbour) -> int | None:
    """When a session last worked, whoever dialled."""
    times = [neighbour.outgoing.success_ms, neighbour.incoming.success_ms]
    return max((time for time in times if time is not None), default=None)
