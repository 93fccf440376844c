"""A form that is sent twice publishes once.

Each form carries a random token. The first request with it publishes; any later one with the same
token (a double click, a reload) gets the first one's result. Kept in memory only, bounded, oldest
forgotten first: after a restart a resent form is a new one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aiohttp import web

TOKENS_MAX = 2_000
_TOKEN_BYTES = 16


def new_token() -> str:
    """A token for one showing of a form."""
    return secrets.token_hex(_TOKEN_BYTES)


class PublishedForms:
    """Remembers what each form published."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, asyncio.Future[bytes]] = OrderedDict()

    async def once(self, token: str, publish: Callable[[], Awaitable[bytes]]) -> bytes:
        """Run `publish` unless this token did already; return the entry id it gave."""
        if len(token) != 2 * _TOKEN_BYTES:
            return await publish()
        if token in self._results:
            return await asyncio.shield(self._results[token])
        result: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._results[token] = result
        while len(self._results) > TOKENS_MAX:
            self._results.popitem(last=False)
        try:
            entry_id = await publish()
        except BaseException as error:
            self._results.pop(token, None)
            result.set_exception(error)
            result.exception()  # looked at here, so that no waiter means no warning
            raise
        result.set_result(entry_id)
        return entry_id


PUBLISHED_FORMS = web.AppKey("published_forms", PublishedForms)
