"""Following, and what is new for whoever follows.

How many items are new stands on every page, so it is counted at most once for what a user follows
and what the pages show; a decision about a municipality shows in it within a minute, and so does
what is withdrawn while there is more than is counted.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from node.accounts.tokens import TOKEN_BYTES, token_digest, token_text
from node.following.subjects import Kind, Subject, filter_of
from node.ground.ground import Ground
from node.intake.projector import Projector
from storage.account_views import User
from storage.follow_store import FOLLOWS_OF_ONE_USER_MAX
from storage.news_views import Concerns, NewsItem, Since

COUNTS_KEPT = 1_000
COUNT_LASTS_MS = 60_000
NEWS_SHOWN = 100
UNREAD_ENOUGH = 100
"""Pages say "99+" of as many, so no more are counted for them."""
SEARCHES_MAX = 20
"""Each is a look through the text of what came."""


class Followed(NamedTuple):
    """Something that a user follows, and since when."""

    subject: Subject
    followed_ms: int


class News(NamedTuple):
    """What a user sees of what is new; `seen_ms` is the arrival up to which nothing is new,
    `unread` is how much came after it, and `follows` how many things they follow."""

    items: list[NewsItem]
    seen_ms: int
    unread: int
    follows: int


class _Count(NamedTuple):
    steps: int
    counted_ms: int
    number: int

    def holds(self, steps: int, now_ms: int) -> bool:
        """Whether it is still what pages say: what came since makes "99+" no other."""
        is_of_now = self.steps == steps or self.number >= UNREAD_ENOUGH
        return is_of_now and now_ms - self.counted_ms < COUNT_LASTS_MS


class Following:
    """What the users of one node follow."""

    def __init__(self, ground: Ground, projector: Projector) -> None:
        self._store = ground.follow_store
        self._keys = ground.feed_key_store
        self._queries = ground.news_queries
        self._clock = ground.clock
        self._log_store = ground.log_store
        self._own_log = ground.own_log
        self._own_code = ""
        self._projector = projector
        self._counts: OrderedDict[int, _Count] = OrderedDict()

    async def of(self, user: User) -> list[Followed]:
        """What a user follows, the newest first."""
        return [
            Followed(Subject(Kind(row.kind), row.target), row.followed_ms)
            for row in await self._store.of_user(user.number)
        ]

    async def follows(self, user: User, subject: Subject) -> bool:
        """Whether a user follows one thing."""
        return any(one.subject == subject for one in await self.of(user))

    async def begin(self, user: User, subject: Subject) -> None:
        """Follow one thing; raises `TooManyFollowsError`."""
        now_ms = self._clock.time_ms()
        most = SEARCHES_MAX if subject.kind is Kind.SEARCH else FOLLOWS_OF_ONE_USER_MAX
        await self._store.begin(user.number, subject.kind, subject.target, now_ms, of_kind_max=most)
        self._counts.pop(user.number, None)

    async def end(self, user: User, subject: Subject) -> None:
        """Follow it no more."""
        await self._store.end(user.number, subject.kind, subject.target)
        self._counts.pop(user.number, None)

    async def news(self, user: User, limit: int = NEWS_SHOWN) -> News:
        """What is new for a user, and what was new before, the newest arrival first."""
        seen_ms = await self._seen_ms(user)
        concerns = await self._concerns(user)
        items, unread = await self._queries.items_and_count(
            concerns, Since(0), limit, Since(seen_ms)
        )
        return News(items, seen_ms, unread, len(concerns.records) + len(concerns.filters))

    async def between(self, user: User, since: Since, limit: int) -> list[NewsItem]:
        """What came for a user within a time."""
        return await self._queries.items(await self._concerns(user), since, limit)

    async def count_between(self, user: User, since: Since) -> int:
        """How much of it there is."""
        return await self._queries.count(await self._concerns(user), since)

    async def look(self, user: User, news: News) -> None:
        """Note that a user has seen what is new; what arrives later is new again.

        Only what was shown counts as seen, so what was not yet projected is not passed over.
        """
        if news.items and news.items[0].received_ms > news.seen_ms:
            await self._store.mark_seen(user.number, news.items[0].received_ms)
            self._counts.pop(user.number, None)

    async def unread(self, user: User) -> int:
        """How many items a user has not seen; from `UNREAD_ENOUGH` on, that they are as many."""
        steps, now_ms = self._projector.steps, self._clock.monotonic_ms()
        known = self._counts.get(user.number)
        if known is None or not known.holds(steps, now_ms):
            since = Since(await self._seen_ms(user))
            number = await self._queries.count(
                await self._concerns(user), since, enough=UNREAD_ENOUGH
            )
            known = self._counts[user.number] = _Count(steps, now_ms, number)
            while len(self._counts) > COUNTS_KEPT:
                self._counts.popitem(last=False)
        return known.number

    async def make_feed_key(self, user: User) -> str:
        """A new token for a user's personal feed address; an earlier one works no more."""
        token = token_text(self._clock.token(TOKEN_BYTES))
        await self._keys.make(user.number, token_digest(token), self._clock.time_ms())
        return token

    async def revoke_feed_key(self, user: User) -> None:
        """Let a user's feed address work no more."""
        await self._keys.revoke(user.number)

    async def feed_key_made_ms(self, user: User) -> int | None:
        """Since when a user has a feed address; None without one."""
        return await self._keys.made_ms(user.number)

    async def feed_owner(self, token: str) -> User | None:
        """Whose feed address a token is; None when it is nobody's."""
        return await self._keys.owner(token_digest(token))

    async def _seen_ms(self, user: User) -> int:
        """What came before somebody had an account is not new to them."""
        seen_ms = await self._store.seen_ms(user.number)
        return user.created_ms if seen_ms is None else seen_ms

    async def _concerns(self, user: User) -> Concerns:
        followed, own = await self.of(user), await self._where()
        filters = [(filter_of(one, own), since) for one, since in followed]
        return Concerns(
            self._own_log,
            records={one.record: since for one, since in followed if one.record is not None},
            filters={one: since for one, since in filters if one is not None},
        )

    async def _where(self) -> str:
        """Our kommunkod, which some places are relative to; "" while our log is not here. It never
        becomes another."""
        if not self._own_code:
            row = await self._log_store.log(self._own_log)
            self._own_code = row.code if row is not None else ""
        return self._own_code
