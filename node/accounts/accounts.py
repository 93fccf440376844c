"""Who may sign in: the first operator, invited colleagues, roles, deactivation, new passwords.

Nobody is given a password. Whoever is to have an account gets a link that works once and for a
limited time, and chooses a password behind it. Who does what is kept in the audit, by `actor`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from node.accounts.names import new_full_name, new_name, read_name
from node.accounts.sessions import Sessions
from node.accounts.tokens import TOKEN_BYTES, token_digest, token_text
from node.errors import ArgumentError
from node.ground.ground import Ground
from storage.account_views import Invitation, LinkKind, Role, User
from storage.errors import UnknownUserError

HOUR_MS = 60 * 60 * 1000
LIFETIME_MS = {
    LinkKind.SETUP: 24 * HOUR_MS,
    LinkKind.INVITATION: 7 * 24 * HOUR_MS,
    LinkKind.RESET: 24 * HOUR_MS,
}
LINK_PATH = "/valkommen/"


@dataclass(frozen=True, slots=True)
class Link:
    """A new link: its address within the site, shown once and never stored, and its end."""

    path: str
    expires_ms: int


class Accounts:
    """The accounts of one node."""

    def __init__(self, ground: Ground, sessions: Sessions) -> None:
        self._store = ground.account_store
        self._clock = ground.clock
        self._sessions = sessions

    async def users(self) -> list[User]:
        """Everybody who has or had an account, in the order in which they came."""
        return await self._store.all()

    async def user(self, number: int) -> User:
        """One of them; raises `UnknownUserError`."""
        user = await self._store.get(number)
        if user is None:
            raise UnknownUserError(f"there is no user {number}")
        return user

    async def named(self, typed: str) -> User | None:
        """The one with this user name, however it was typed, or None."""
        found = await self._store.by_name(read_name(typed))
        return found[0] if found is not None else None

    async def invitations(self) -> list[Invitation]:
        """Links that wait to be used."""
        return await self._store.invitations(self._clock.time_ms())

    async def setup_link(self, actor: str) -> Link | None:
        """A link for the first operator, replacing any earlier; None when there is an operator."""
        if await self._store.has_operator():
            return None
        return await self._link(LinkKind.SETUP, "", "", Role.OPERATOR, actor)

    async def invite(self, name: str, full_name: str, role: Role, actor: str) -> Link:
        """A link for a colleague; raises `NameTakenError`, or `ArgumentError` for a bad name."""
        return await self._link(
            LinkKind.INVITATION, new_name(name), new_full_name(full_name), role, actor
        )

    async def reset_link(self, number: int, actor: str) -> Link:
        """A link behind which a user chooses a new password; the old one works until then."""
        user = await self.user(number)
        if not user.active:
            raise UnknownUserError(f"{user.name} is deactivated")
        return await self._link(LinkKind.RESET, user.name, user.full_name, user.role, actor)

    async def open_link(self, token: str) -> Invitation:
        """What a link is for; looking spends nothing. Raises `LinkSpentError`."""
        return await self._store.invitation(token_digest(token), self._clock.time_ms())

    async def use_link(
        self,
        token: str,
        password: str,
        *,
        name: str = "",
        full_name: str = "",
        known_words: Iterable[str] = (),
    ) -> User:
        """Spend a link: make its user, or set the new password. A set-up link takes the names too.

        Raises `LinkSpentError`, `NameTakenError`, `WeakPasswordError`, `ArgumentError`,
        `OverloadedError`; the link is then as it was.
        """
        invitation = await self.open_link(token)
        if invitation.kind is LinkKind.SETUP:
            name, full_name = new_name(name), new_full_name(full_name)
        else:
            name, full_name = invitation.name, invitation.full_name
        secrets = await self._sessions.new_secrets(password, [name, full_name, *known_words])
        digest, now_ms = invitation.digest, self._clock.time_ms()
        if invitation.kind is LinkKind.RESET:
            return await self._store.reset(digest, secrets, now_ms)
        return await self._store.accept(digest, name, full_name, secrets, now_ms)

    async def withdraw(self, digest: bytes, actor: str) -> None:
        """Let a link work no more; raises `LinkSpentError`."""
        await self._store.withdraw(digest, actor, self._clock.time_ms())

    async def change_role(self, number: int, role: Role, actor: str) -> User:
        """Give a user another role and end the user's sessions; raises `LastOperatorError`."""
        return await self._store.change_role(number, role, actor, self._clock.time_ms())

    async def deactivate(self, number: int, actor: str) -> User:
        """Put a user out at once; raises `LastOperatorError`."""
        return await self._store.deactivate(number, actor, self._clock.time_ms())

    async def activate(self, number: int, actor: str) -> User:
        """Let a user in again."""
        return await self._store.activate(number, actor, self._clock.time_ms())

    async def choose_language(self, user: User, language: str) -> User:
        """Keep the language in which a user wants pages and letters; returns the user with it."""
        await self._store.set_language(user.number, language)
        return replace(user, language=language)

    async def _link(
        self, kind: LinkKind, name: str, full_name: str, role: Role, actor: str
    ) -> Link:
        token, now_ms = token_text(self._clock.token(TOKEN_BYTES)), self._clock.time_ms()
        expires_ms = now_ms + LIFETIME_MS[kind]
        await self._store.invite(
            Invitation(token_digest(token), kind, name, full_name, role, actor, now_ms, expires_ms)
        )
        return Link(LINK_PATH + token, expires_ms)


def read_role(text: str) -> Role:
    """The role with this code; raises `ArgumentError` that names them all."""
    try:
        return Role(text)
    except ValueError as error:
        raise ArgumentError(f"A role is one of {', '.join(Role)}, not {text!r}.") from error
