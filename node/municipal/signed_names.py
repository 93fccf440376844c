"""The names that municipalities have signed for themselves, where these are others than the first.

Each node has its own, and several nodes live in one process: so whatever works for a node begins
with saying whose names are meant, and everything that writes a name asks here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class SignedName(NamedTuple):
    """A name in force: in short ("Tidaholm"), and as the municipality signs ("Tidaholms stad")."""

    short: str
    official: str


class SignedNames:
    """One node's, by kommunkod; kept up to date while it runs."""

    def __init__(self) -> None:
        self.by_code: dict[str, SignedName] = {}


_MEANT: ContextVar[SignedNames | None] = ContextVar("signed_names", default=None)


@contextmanager
def meaning(names: SignedNames) -> Iterator[None]:
    """Within the block, and in tasks that are begun there, these names are meant."""
    token = _MEANT.set(names)
    try:
        yield
    finally:
        _MEANT.reset(token)


def signed_name(code: str) -> SignedName | None:
    """The name that the municipality with this kommunkod has signed, or None for the usual one."""
    meant = _MEANT.get()
    return meant.by_code.get(code) if meant else None
