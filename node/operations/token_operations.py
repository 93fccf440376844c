"""Verbs about the tokens with which other systems read."""

from __future__ import annotations

from dataclasses import dataclass

from node.accounts.api_tokens import read_scope
from node.operations.acting import Acting
from storage.api_token_store import ApiToken


@dataclass(frozen=True, slots=True)
class TokenView:
    """One token without its secret; `works` is false once it was revoked."""

    number: int
    name: str
    scope: str
    made_by: str
    made_ms: int
    used_ms: int | None
    works: bool


@dataclass(frozen=True, slots=True)
class NewTokenView:
    """A new token. It is shown now and never again."""

    number: int
    token: str


class TokenOperations(Acting):
    """The part of `Operations` that is about tokens."""

    async def api_tokens(self) -> list[TokenView]:
        """All tokens that were ever made, the newest first."""
        return [_view(token) for token in await self._parts.api_tokens.all()]

    async def make_api_token(self, name: str, scope: str) -> NewTokenView:
        """A token for the system that `name` names."""
        made = await self._parts.api_tokens.make(name, read_scope(scope), self._actor)
        return NewTokenView(made.number, made.text)

    async def revoke_api_token(self, number: int) -> TokenView:
        """Let a token work no more."""
        return _view(await self._parts.api_tokens.revoke(number, self._actor))


def _view(token: ApiToken) -> TokenView:
    return TokenView(
        token.number,
        token.name,
        token.scope.value,
        token.made_by,
        token.made_ms,
        token.used_ms,
        token.revoked_ms is None,
    )
