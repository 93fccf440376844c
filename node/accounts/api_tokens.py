"""Tokens with which other systems read the JSON API: made and revoked by operators.

A token is shown once and kept as a digest. It belongs to the node and goes on working when whoever
made it is gone, until somebody revokes it; the audit says who did what.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.accounts.tokens import TOKEN_BYTES, token_digest, token_text
from node.errors import ArgumentError
from node.ground.ground import Ground
from storage.api_token_store import ApiToken, Scope

TEXT_START = "tidan_"
"""Lets people, and programs that look for secrets gone astray, see what a token is for."""
NAME_CHARS_MAX = 80
USED_EVERY_MS = 60 * 60 * 1000
"""When a token was used is noted at most so often: reading should not write."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A new token: its text, shown once and never stored."""

    number: int
    text: str


class ApiTokens:
    """The tokens of one node."""

    def __init__(self, ground: Ground) -> None:
        self._store = ground.api_token_store
        self._clock = ground.clock

    async def all(self) -> list[ApiToken]:
        """All that were ever made, the newest first."""
        return await self._store.all()

    async def make(self, name: str, scope: Scope, actor: str) -> NewToken:
        """A new token; `name` says which system has it. Raises `ArgumentError` for a bad name."""
        plain = " ".join(name.split())
        if not 0 < len(plain) <= NAME_CHARS_MAX or not plain.isprintable():
            raise ArgumentError(
                f"A token's name says which system has it, in at most {NAME_CHARS_MAX} characters."
            )
        text = TEXT_START + token_text(self._clock.token(TOKEN_BYTES))
        now_ms = self._clock.time_ms()
        number = await self._store.add(token_digest(text), plain, scope, actor, now_ms)
        return NewToken(number, text)

    async def revoke(self, number: int, actor: str) -> ApiToken:
        """Let a token work no more; raises `UnknownTokenError`."""
        return await self._store.revoke(number, actor, self._clock.time_ms())

    async def holder(self, text: str) -> ApiToken | None:
        """The token with this text, if it works; notes that it was used."""
        token = await self._store.by_digest(token_digest(text))
        now_ms = self._clock.time_ms()
        if token is not None and now_ms - (token.used_ms or 0) >= USED_EVERY_MS:
            await self._store.mark_used(token.number, now_ms)
        return token


def read_scope(text: str) -> Scope:
    """The scope with this name; raises `ArgumentError` that names them all."""
    try:
        return Scope(text)
    except ValueError as error:
        raise ArgumentError(f"A scope is one of {', '.join(Scope)}, not {text!r}.") from error
