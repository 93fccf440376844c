"""Signing in and out, and who a visitor is.

The answer to a wrong password is the same, and takes as long, whether the account exists or not.
Each sign-in begins a new session under a new token and ends the one the browser had; a new password
ends all sessions of its user. A session lasts a working day without use, and a week at the most.
"""

from __future__ import annotations

from collections.abc import Iterable

from node.accounts.hashing import Hashing
from node.accounts.names import read_name
from node.accounts.passwords import weakness
from node.accounts.tokens import TOKEN_BYTES, TOKEN_CHARS, token_digest, token_text
from node.errors import SignInError, TooManyGuessesError, WeakPasswordError
from node.ground.chores import Chores
from node.ground.ground import Ground
from node.guessing import Guessing
from storage.account_store import Secrets
from storage.account_views import User
from storage.errors import UnknownUserError
from storage.session_store import Visitor

SEEN_EVERY_MS = 5 * 60 * 1000


class Sessions:
    """The sessions of one node's web view."""

    def __init__(self, ground: Ground, chores: Chores) -> None:
        self._accounts = ground.account_store
        self._sessions = ground.session_store
        self._audit = ground.audit
        self._clock = ground.clock
        self._logger = ground.logger
        self._chores = chores
        self._guessing = Guessing()
        self.hashing = Hashing()

    async def sign_in(
        self, typed_name: str, password: str, *, address: str, former: str | None = None
    ) -> str:
        """Check a password and begin a session; `former` is the token it replaces.

        Raises `SignInError`, `TooManyGuessesError`, `OverloadedError`.
        """
        name = read_name(typed_name)
        found = await self._accounts.by_name(name)
        user, stored = found if found is not None and found[0].active else (None, None)
        await self._check(name, stored, password, address)
        if user is None or stored is None:
            raise SignInError("The user name or the password is not right.")
        if self.hashing.is_outdated(stored):
            better = await self.hashing.hash(password)
            await self._accounts.improve_hash(user.number, stored, better)
        return await self.begin(user, former=former)

    async def begin(self, user: User, *, former: str | None = None) -> str:
        """Begin a session of somebody who has shown who they are; returns its token."""
        if former is not None:
            await self._sessions.end(token_digest(former))
        token = token_text(self._clock.token(TOKEN_BYTES))
        try:
            await self._sessions.begin(token_digest(token), user.number, self._clock.time_ms())
        except UnknownUserError as error:  # deactivated a moment ago
            raise SignInError("The user name or the password is not right.") from error
        return token

    async def visitor(self, token: str | None) -> Visitor | None:
        """Whose session a token opens; None for no token and for one that opens nothing."""
        if token is None or len(token) != TOKEN_CHARS:
            return None
        digest, now_ms = token_digest(token), self._clock.time_ms()
        visitor = await self._sessions.visitor(digest, now_ms)
        if visitor is not None and abs(now_ms - visitor.seen_ms) >= SEEN_EVERY_MS:
            self._chores.add(lambda: self._sessions.seen(digest, now_ms))
        return visitor

    async def sign_out(self, token: str | None) -> None:
        """End the session of a token, if it has one."""
        if token is not None:
            await self._sessions.end(token_digest(token))

    async def sign_out_everywhere(self, user: User) -> None:
        """End every session of a user."""
        await self._sessions.end_all(user.number)
        now_ms = self._clock.time_ms()
        await self._audit.record(user.name, "user sign out everywhere", user.name, "", now_ms)

    async def count(self, user: User) -> int:
        """How many sessions a user has."""
        return await self._sessions.count(user.number)

    async def change_password(
        self, user: User, current: str, new: str, *, address: str, known_words: Iterable[str]
    ) -> str:
        """Replace one's own password; every session ends and a new one begins, whose token returns.

        Raises `SignInError` when the present password is not right, `TooManyGuessesError`,
        `WeakPasswordError`, `OverloadedError`.
        """
        stored = await self._accounts.password_hash(user.number)
        await self._check(user.name, stored, current, address)
        secrets = await self.new_secrets(new, [user.name, user.full_name, *known_words])
        await self._accounts.set_password(user.number, secrets, self._clock.time_ms())
        return await self.begin(user)

    async def new_secrets(self, password: str, known_words: Iterable[str]) -> Secrets:
        """Judge a new password and hash it; raises `WeakPasswordError`, `OverloadedError`."""
        fault = weakness(password, known_words)
        if fault is not None:
            raise WeakPasswordError(fault)
        return Secrets(await self.hashing.hash(password), self._clock.token(TOKEN_BYTES))

    async def _check(self, name: str, stored: str | None, password: str, address: str) -> None:
        """One guess at a password; raises when it may not be made or is wrong."""
        wait_ms = self._guessing.take(name, address, self._clock.monotonic_ms())
        if wait_ms:
            self._logger.warning("too many wrong passwords", delay_ms=wait_ms)
            raise TooManyGuessesError(wait_ms)
        if not await self.hashing.matches(stored, password):
            raise SignInError("The user name or the password is not right.")
        self._guessing.right(name, address)
