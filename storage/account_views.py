"""Users and the links that make them, as the stores hand them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row


class Role(StrEnum):
    """What a user may do; each role may also do all that those before it may."""

    READER = "reader"
    AUTHOR = "author"
    EDITOR = "editor"
    FEDERATION_ADMIN = "federation-admin"
    OPERATOR = "operator"

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what another may."""
        ladder = list(Role)
        return ladder.index(self) >= ladder.index(needed)


class LinkKind(StrEnum):
    """What a link that works once is for."""

    SETUP = "setup"
    INVITATION = "invitation"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class User:
    """One account. `name` is what one signs in with and never changes; `number` never repeats.

    `language` is the code of the language last chosen while signed in; None before that.
    """

    number: int
    name: str
    full_name: str
    role: Role
    created_ms: int
    signed_in_ms: int | None
    deactivated_ms: int | None
    language: str | None

    @property
    def active(self) -> bool:
        """Whether the user may sign in."""
        return self.deactivated_ms is None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that waits to be used, by its digest; in a set-up link the names are empty."""

    digest: bytes
    kind: LinkKind
    name: str
    full_name: str
    role: Role
    invited_by: str
    created_ms: int
    expires_ms: int


USER_COLUMNS = (
    "user_no", "name", "full_name", "role", "created_ms", "signed_in_ms", "deactivated_ms",
    "language",
)  # fmt: skip
"""In the order of a user's fields."""


def user_of(row: Row[Any]) -> User:
    """The user of one row of the table."""
    return user_from([getattr(row, name) for name in USER_COLUMNS])


def user_from(values: Sequence[Any]) -> User:
    """The user of these columns of a row."""
    number, name, full_name, role, *others = values
    return User(number, name, full_name, Role(role), *others)


def invitation_of(row: Row[Any]) -> Invitation:
    """The invitation of one row of the table."""
    return Invitation(
        digest=bytes(row.digest),
        kind=LinkKind(row.kind),
        name=row.name,
        full_name=row.full_name,
        role=Role(row.role),
        invited_by=row.invited_by,
        created_ms=row.created_ms,
        expires_ms=row.expires_ms,
    )
