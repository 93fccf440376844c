"""How it goes with each neighbour, in the words of the neighbours page: state, cause, and the one
thing to do.

Pure: facts in, words out. The two directions are kept apart, so that a neighbour that reaches us
never hides that we cannot reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from protocol.effects import LinkStatus
from protocol.transitions import State
from storage.neighbour_views import LinkHistory, Neighbour


class NeighbourState(StrEnum):
    """The word shown beside a neighbour."""

    IN_STEP = "I fas"
    FETCHING = "Hämtar"
    BEHIND = "Ligger efter"
    WAITING = "Väntar på motparten"
    PAUSED = "Pausad här"
    NO_CONTACT = "Ingen kontakt"
    WRONG_KEY = "Fel nyckel"


PAUSED = "Ni har pausat kontakten."
RESUME = "Återuppta när ni vill utbyta igen."
COMPARING = "Jämför vad var och en har."
NOT_ADDED = "Grannen har inte lagt till er än."
ASK_THEM = "Ring och be dem lägga till er."
NOT_APPROVED = "Grannen har fått er inbjudan och har inte godkänt er än."
CALL_AND_COMPARE = "Ring och jämför fingeravtryck, så att de kan godkänna."
NO_INVITE = "Inbjudan gäller inte: den är använd, återkallad eller för gammal."
ASK_FOR_INVITE = "Be dem om en ny inbjudan."
COMPARE_FINGERPRINTS = "Jämför fingeravtryck med grannen, till exempel per telefon."
THEY_CALL = "Väntar på att grannen ringer upp."
TRYING = "Försöker nå grannen."
CHECK_ADDRESS = "Kontrollera adressen om det dröjer."
LEFT_HERE = "%(count)s kvar att hämta."
LEFT_THERE = "Grannen har %(count)s kvar att hämta."
SENTENCES = (
    *(PAUSED, RESUME, COMPARING, NOT_ADDED, ASK_THEM, COMPARE_FINGERPRINTS),
    *(NOT_APPROVED, CALL_AND_COMPARE, NO_INVITE, ASK_FOR_INVITE),
    *(THEY_CALL, TRYING, CHECK_ADDRESS, LEFT_HERE, LEFT_THERE),
)
"""All that is said about a neighbour, its last error apart; the pages translate it."""
WRONG_KEY_CODES = frozenset({"bad_handshake", "wrong_neighbour", "bad_key_event", "key_refused"})
WAITING_CODES = {
    "not_a_neighbour": (NOT_ADDED, ASK_THEM),
    "awaiting_approval": (NOT_APPROVED, CALL_AND_COMPARE),
    "invite_refused": (NO_INVITE, ASK_FOR_INVITE),
}
"""What only people on the other side can change, and what to ask of them."""


@dataclass(frozen=True, slots=True)
class NeighbourStatus:
    """One row of `peer list` and of the neighbours page; times are milliseconds since 1970."""

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


def describe_state(
    neighbour: Neighbour, link: LinkStatus | None
) -> tuple[NeighbourState, str, str]:
    """State, cause and action in words; cause and action are empty when all is well."""
    if neighbour.paused:
        return NeighbourState.PAUSED, PAUSED, RESUME
    if link is not None and link.state is State.LIVE:
        return _connected(link)
    if link is not None and link.state is State.RECONCILING:
        return NeighbourState.FETCHING, COMPARING, ""
    error = latest_error(neighbour)
    code = error.error_code if error else None
    if code is not None and code in WAITING_CODES:
        return NeighbourState.WAITING, *WAITING_CODES[code]
    if error is not None and code in WRONG_KEY_CODES:
        return NeighbourState.WRONG_KEY, error.error or "", COMPARE_FINGERPRINTS
    if neighbour.url is None:
        return NeighbourState.NO_CONTACT, THEY_CALL, ""
    cause = (error.error if error else None) or TRYING
    return NeighbourState.NO_CONTACT, cause, CHECK_ADDRESS


def _connected(link: LinkStatus) -> tuple[NeighbourState, str, str]:
    if link.behind_in:
        return NeighbourState.FETCHING, LEFT_HERE % {"count": _spaced(link.behind_in)}, ""
    if link.behind_out:
        return NeighbourState.BEHIND, LEFT_THERE % {"count": _spaced(link.behind_out)}, ""
    return NeighbourState.IN_STEP, "", ""


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
