"""Codes that say why a log was refused or a session ended without an error (docs/protocol.md §9).

Errors carry their own codes (:mod:`protocol.errors`); on the wire both stand in the same place.
"""

from __future__ import annotations

NOT_WANTED = "not_wanted"
"""REFUSED: the log is not accepted here."""
NOT_HELD = "not_held"
"""REFUSED: what was asked for is not here."""
FROZEN = "frozen"
"""REFUSED: the log has a fork and waits for a repair."""
SETTLED = "settled"
"""BYE: a rotation has settled a fork here; logs are compared anew in the next session."""
DUPLICATE = "duplicate"
"""BYE: another session between the two nodes is kept."""
CLONED = "cloned"
"""BYE: two nodes with this key run; the receiver signs nothing until a person has chosen."""
GOING_AWAY = "going_away"
"""BYE: the node stops, or syncs no more with this neighbour."""
PAUSED = "paused"
"""BYE: a person on the sender's side has paused the exchange with this neighbour."""
WRONG_BLOB = "wrong_blob"
"""Never sent: all of a file came from a neighbour and is not what its digest says."""
LOCAL_FAILURE = "local_failure"
"""BYE: the sender's own disk or database failed."""
