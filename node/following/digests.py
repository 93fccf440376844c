"""Letters about what is new: asked for, confirmed, sent once for each period, ended with one click.

Nobody gets a letter who has not asked for it and opened the link in a first one. A letter is begun
in the database before it is sent (storage/digest_store.py), so none goes out twice, whenever the
node stops. What failed for certain is tried again, later each time; then the next period tells it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple, Protocol

from node.accounts.tokens import TOKEN_BYTES, token_digest, token_text
from node.errors import ArgumentError, MailError, MailUncertainError, OverloadedError
from node.following.following import Following
from node.following.letters import Letter, make_message, problem_with, send
from node.following.periods import Frequency, last_end_ms, next_try_ms
from node.ground.background import finish
from node.ground.ground import Ground
from node.intake.indexer import Indexer
from node.intake.projector import Projector
from node.mail_address import read_address
from storage.account_views import User
from storage.digest_store import Digest
from storage.news_views import NewsItem, Since

CONFIRM_PATH, STOP_PATH = "/utskick/bekrafta/", "/utskick/sluta/"
CONFIRM_LASTS_MS = 2 * 24 * 60 * 60 * 1000
ASKED_IN_A_DAY_MAX = 5
DAY_MS = 24 * 60 * 60 * 1000
ITEMS_IN_LETTER_MAX = 40
ROUND_SECONDS = 60.0


class Told(NamedTuple):
    """What one letter tells: the first items, how many there are, and where to end letters."""

    items: list[NewsItem]
    total: int
    stop_url: str
    now_ms: int


class Words(Protocol):
    """Who writes the letters; node/web does, it has the words. `name` is the node's, `language`
    what the recipient has chosen, None before that.
    """

    def confirmation(self, name: str, url: str, language: str | None) -> Letter:
        """The first letter, with the link that confirms the address."""
        ...

    def digest(self, name: str, told: Told, language: str | None) -> Letter:
        """A letter about what is new."""
        ...


class Digests:
    """The letters of one node."""

    def __init__(
        self,
        ground: Ground,
        following: Following,
        projector: Projector,
        indexer: Indexer,
        words: Words,
    ) -> None:
        self._store = ground.digest_store
        self._settings = ground.settings
        self._clock = ground.clock
        self._logger = ground.logger
        self._log_store = ground.log_store
        self._own_log = ground.own_log
        self._following = following
        self._projector = projector
        self._indexer = indexer
        self._words = words
        self._asked: dict[int, deque[int]] = {}

    @property
    def problem(self) -> str | None:
        """The setting without which no letter can be sent; None when letters can be sent."""
        return problem_with(self._settings)

    async def all(self) -> list[Digest]:
        """Everybody's letters, for the operator."""
        return await self._store.all()

    async def of(self, user: User) -> Digest | None:
        """A user's letters."""
        return await self._store.of_user(user.number)

    async def ask(self, user: User, typed_address: str, typed_frequency: str) -> bool:
        """Ask for letters, or change how often; True when a letter with a link was sent.

        Raises `ArgumentError`, `OverloadedError` after too many such letters, and `MailError`; then
        all is as it was.
        """
        try:
            address, frequency = read_address(typed_address), Frequency(typed_frequency)
        except ValueError as error:
            raise ArgumentError(f"Letters cannot be sent like that: {error}.") from error
        known = await self._store.of_user(user.number)
        if known is not None and known.confirmed_ms is not None and known.address == address:
            await self._store.change_frequency(user.number, frequency)
            return False
        self._count_asking(user)
        token, now_ms = token_text(self._clock.token(TOKEN_BYTES)), self._clock.time_ms()
        url = self._settings.public_url + CONFIRM_PATH + token
        letter = self._words.confirmation(await self._own_name(), url, user.language)
        await self._send(letter, address, now_ms)
        link = (token_digest(token), now_ms + CONFIRM_LASTS_MS)
        key = self._clock.token(TOKEN_BYTES)
        await self._store.ask(user.number, address, frequency, link, key)
        return True

    async def waiting(self, token: str) -> Digest | None:
        """Whose address a link would confirm; looking spends nothing."""
        return await self._store.by_confirmation(token_digest(token), self._clock.time_ms())

    async def confirm(self, token: str) -> None:
        """Spend a link; raises `LinkSpentError`."""
        await self._store.confirm(token_digest(token), self._clock.time_ms())

    async def stop(self, user: User) -> None:
        """End a user's letters and forget the address."""
        await self._store.stop(user.number)

    async def stoppable(self, key: bytes) -> Digest | None:
        """Whose letters the key in a letter ends; None when they are ended."""
        return await self._store.by_stop_key(key)

    async def stop_by_key(self, key: bytes) -> None:
        """End the letters with this key; once more is no mistake."""
        digest = await self._store.by_stop_key(key)
        if digest is not None:
            await self._store.stop(digest.user.number)

    async def run(self) -> None:
        """Send what is due, round after round, until cancelled."""
        await self.begin()
        while True:
            try:
                await self.send_due(self._clock.time_ms())
            except Exception:  # one round that fails must not end all that come after it
                self._logger.exception("letters could not be sent")
            await asyncio.sleep(ROUND_SECONDS)

    async def begin(self) -> None:
        """What was being sent when the node last stopped may have been taken: never once more."""
        now_ms = self._clock.time_ms()
        lost = await self._store.uncertain("The node stopped while the letter was sent.", now_ms)
        if lost:
            self._logger.warning("letters were under way when the node stopped", count=lost)

    async def send_due(self, now_ms: int) -> int:
        """Send every letter that is due; returns how many were taken by the mail server."""
        if self.problem is not None:
            return 0
        ends_ms = {frequency.value: last_end_ms(frequency, now_ms) for frequency in Frequency}
        due = await self._store.due(ends_ms, now_ms)
        if due:
            await self._projector.settled(hurried=False)
            await self._indexer.settled()
        sent = 0
        for digest in due:
            # A stop of the node waits for the letter under way: whether it was taken is then known.
            taken = await finish(self._tell(digest, ends_ms[digest.frequency], now_ms))
            if taken is None:
                break
            sent += taken
        return sent

    async def _tell(self, digest: Digest, end_ms: int, now_ms: int) -> bool | None:
        """Tell one user; whether a letter was taken, None when the server is not to be had."""
        is_ahead = digest.period_ms > now_ms  # the clock was wrong then
        period_ms = end_ms if is_ahead else max(end_ms, digest.period_ms)
        if not await self._store.begin(digest, period_ms):
            return False
        number = digest.user.number
        try:
            letter = await self._letter(digest, period_ms, now_ms)
        except Exception as error:  # of any kind: the letter is tried again
            again_ms = next_try_ms(digest.attempts + 1, now_ms)
            await self._store.failed(number, type(error).__name__, now_ms, again_ms)
            raise
        if letter is None:
            await self._store.told(number, period_ms, None)
            return False
        try:
            await self._send(letter, digest.address, now_ms)
        except MailUncertainError as error:
            await self._store.uncertain(str(error), now_ms, number)
            self._logger.warning("a letter may not have been taken", code=error.code)
            return None
        except MailError as error:
            return await self._failed(digest, period_ms, error, now_ms)
        await self._store.told(number, period_ms, now_ms)
        return True

    async def _letter(self, digest: Digest, period_ms: int, now_ms: int) -> Letter | None:
        """What a period holds for a user; None when it holds nothing."""
        since = Since(digest.through_ms, period_ms)
        items = await self._following.between(digest.user, since, ITEMS_IN_LETTER_MAX)
        if not items:
            return None
        total = await self._following.count_between(digest.user, since)
        stop_url = self._settings.public_url + STOP_PATH + token_text(digest.stop_key)
        told = Told(items, total, stop_url, now_ms)
        return self._words.digest(await self._own_name(), told, digest.user.language)

    async def _failed(
        self, digest: Digest, period_ms: int, error: MailError, now_ms: int
    ) -> bool | None:
        attempts = digest.attempts + 1 if period_ms == digest.period_ms else 1
        again_ms = next_try_ms(attempts, now_ms) if error.may_try_again else None
        await self._store.failed(digest.user.number, str(error), now_ms, again_ms)
        # What the server said may hold an address, so it stands on the operator's page alone.
        self._logger.warning(
            "a letter was not taken", code=error.code, status=error.status, count=attempts
        )
        return None if error.is_about_server else False

    async def _send(self, letter: Letter, address: str, now_ms: int) -> None:
        sender, unique = self._settings.smtp_sender, self._clock.token(16).hex()
        message = make_message(letter, sender=sender, address=address, now_ms=now_ms, unique=unique)
        await send(self._settings, message, address)

    async def _own_name(self) -> str:
        row = await self._log_store.log(self._own_log)
        return row.name if row is not None else ""

    def _count_asking(self, user: User) -> None:
        """A user who types other people's addresses does not get far with it."""
        now_ms = self._clock.monotonic_ms()
        asked = self._asked.setdefault(user.number, deque())
        while asked and now_ms - asked[0] >= DAY_MS:
            asked.popleft()
        if len(asked) >= ASKED_IN_A_DAY_MAX:
            raise OverloadedError("Too many letters with a link were asked for today.")
        asked.append(now_ms)
