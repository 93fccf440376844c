"""Verbs about users, as a person at the node's own machine asks for them: by user name."""

from __future__ import annotations

from dataclasses import dataclass

from node.accounts.accounts import Link, read_role
from node.errors import ArgumentError
from node.operations.acting import Acting
from storage.account_views import User


@dataclass(frozen=True, slots=True)
class UserView:
    """One user, or a colleague who has not used the invitation yet (`invited`)."""

    name: str
    full_name: str
    role: str
    state: str
    signed_in_ms: int | None


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link that works once. It is shown now and never again."""

    url: str
    expires_ms: int


class UserOperations(Acting):
    """The part of `Operations` that is about users."""

    async def users(self) -> list[UserView]:
        """Everybody who can sign in, could, or is invited."""
        accounts = self._parts.accounts
        users = [_view(user) for user in await accounts.users()]
        known = {user.name for user in users}
        return users + [
            UserView(item.name, item.full_name, item.role.value, "invited", None)
            for item in await accounts.invitations()
            if item.name and item.name not in known
        ]

    async def setup_link(self) -> LinkView | None:
        """A link for the first operator; None when there is an operator already."""
        link = await self._parts.accounts.setup_link(self._actor)
        return self._address(link) if link else None

    async def invite_user(self, name: str, full_name: str, role: str) -> LinkView:
        """A link behind which a colleague begins."""
        link = await self._parts.accounts.invite(name, full_name, read_role(role), self._actor)
        return self._address(link)

    async def reset_user(self, name: str) -> LinkView:
        """A link behind which a user chooses a new password."""
        number = (await self._user(name)).number
        return self._address(await self._parts.accounts.reset_link(number, self._actor))

    async def change_user_role(self, name: str, role: str) -> UserView:
        """Give a user another role."""
        number, wanted = (await self._user(name)).number, read_role(role)
        return _view(await self._parts.accounts.change_role(number, wanted, self._actor))

    async def deactivate_user(self, name: str) -> UserView:
        """Put a user out at once."""
        number = (await self._user(name)).number
        return _view(await self._parts.accounts.deactivate(number, self._actor))

    async def activate_user(self, name: str) -> UserView:
        """Let a user in again."""
        number = (await self._user(name)).number
        return _view(await self._parts.accounts.activate(number, self._actor))

    async def _user(self, name: str) -> User:
        user = await self._parts.accounts.named(name)
        if user is None:
            raise ArgumentError(f"There is no user {name!r}.")
        return user

    def _address(self, link: Link) -> LinkView:
        return LinkView(self._site + link.path, link.expires_ms)


def _view(user: User) -> UserView:
    state = "active" if user.active else "deactivated"
    return UserView(user.name, user.full_name, user.role.value, state, user.signed_in_ms)
