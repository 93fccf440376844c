"""Every state of a sync session and every step between them (docs/protocol.md §7).

Rule 1: everything that decides which message may come next lives in this file.
Rule 2: this file knows neither bytes, logs nor roles. Both sides walk the same path; the roles
differ only in who speaks first (:mod:`protocol.handshake`).
Rule 3: a message that has no step from the present state ends the session.
Rule 4: nothing leaves CLOSED.

::

    HELLO_AWAITED ─HELLO→ AUTH_AWAITED ──────AUTH──────→ RECONCILING ─RECONCILED→ LIVE
          │                   └─INVITE→ INVITE_SHOWN ─AUTH──┘ │                     │
          └───────────────────┴──────── BYE, END ─────────────┴─────────────────────┴──→ CLOSED

RECONCILE narrows the difference as long as it lasts; entries flow from RECONCILING on, so a
large difference does not hold up what has been found already.
"""

from __future__ import annotations

from enum import StrEnum

from protocol.errors import StateError


class Role(StrEnum):
    """Which side of the connection we are; it decides who speaks first, and nothing else."""

    DIALER = "dialer"
    RESPONDER = "responder"


class State(StrEnum):
    """Where a session stands; each name says what it waits for or does."""

    HELLO_AWAITED = "hello_awaited"
    AUTH_AWAITED = "auth_awaited"
    INVITE_SHOWN = "invite_shown"
    RECONCILING = "reconciling"
    LIVE = "live"
    CLOSED = "closed"


class Event(StrEnum):
    """What moves a session: the messages a neighbour sends, and two conclusions of our own."""

    HELLO = "hello"
    INVITE = "invite"
    AUTH = "auth"
    RECONCILE = "reconcile"
    HAVE = "have"
    WANT = "want"
    RUN = "run"
    STORED = "stored"
    REFUSED = "refused"
    FORK = "fork"
    WANT_BLOB = "want_blob"
    BLOB = "blob"
    NO_BLOB = "no_blob"
    BLOB_HERE = "blob_here"
    BYE = "bye"
    RECONCILED = "reconciled"
    """Ours: the last RECONCILE message was sent or received."""
    END = "end"
    """Ours: an error, a time-out or a decision ends the session."""


GREETING_STATES = frozenset({State.HELLO_AWAITED, State.AUTH_AWAITED, State.INVITE_SHOWN})
"""The states in which the other side has not proved who it is."""
SYNC_STATES = frozenset({State.RECONCILING, State.LIVE})
"""The states in which both sides are known neighbours and logs may be spoken of."""

_SYNC_EVENTS = (
    *(Event.HAVE, Event.WANT, Event.RUN, Event.STORED, Event.REFUSED, Event.FORK),
    *(Event.WANT_BLOB, Event.BLOB, Event.NO_BLOB, Event.BLOB_HERE),
)

TRANSITIONS: dict[State, dict[Event, State]] = {
    State.HELLO_AWAITED: {Event.HELLO: State.AUTH_AWAITED},
    State.AUTH_AWAITED: {Event.INVITE: State.INVITE_SHOWN, Event.AUTH: State.RECONCILING},
    State.INVITE_SHOWN: {Event.AUTH: State.RECONCILING},
    State.RECONCILING: {
        Event.RECONCILE: State.RECONCILING,
        Event.RECONCILED: State.LIVE,
        **dict.fromkeys(_SYNC_EVENTS, State.RECONCILING),
    },
    State.LIVE: dict.fromkeys(_SYNC_EVENTS, State.LIVE),
    State.CLOSED: {},
}
for _state in State:
    if _state is not State.CLOSED:
        TRANSITIONS[_state] |= {Event.BYE: State.CLOSED, Event.END: State.CLOSED}


def next_state(state: State, event: Event) -> State:
    """Return the state after ``event``; raises :class:`StateError` when it may not come now."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise StateError(f"{event} may not come while {state.replace('_', ' ')}") from None
