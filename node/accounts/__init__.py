"""Accounts of this node's own staff: who may sign in, how passwords are judged, what a role may do.

Nothing here is ever signed into the log or sent to a neighbour. Only digests of tokens and hashes
of passwords are stored; the tokens and passwords themselves are in no log line and no error.
"""

from __future__ import annotations
