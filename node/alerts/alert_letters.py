"""Letters about alerts, to whoever looks after the node: when something new needs a person, and at
most one an hour for each of them.

A letter goes to the address that its reader has confirmed for other letters, else to the user name
when that is an address its owner has signed in with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from node.errors import MailError, MailUncertainError
from node.following.letters import Letter, make_message, problem_with, send
from node.ground.background import finish
from node.ground.ground import Ground
from node.mail_address import read_address
from storage.account_views import Role, User
from storage.alert_letter_store import AlertReader
from storage.alert_store import Alert

HOUR_MS = 60 * 60 * 1000
RETRY_MS = 10 * 60 * 1000
REFUSED_MS = 24 * HOUR_MS
"""Before an address that the mail server would not take is tried again."""


class AlertReaderView(NamedTuple):
    """Whether a user is written to about alerts, and where; no address: nowhere."""

    reader: AlertReader
    address: str


class LetterWriter(Protocol):
    """Who writes the letters; node/web does, it has the words."""

    def letter(
        self, name: str, new: Sequence[Alert], others: Sequence[Alert], language: str | None
    ) -> Letter:
        """A letter about what is `new`, and what has held for longer."""
        ...


class AlertLetters:
    """The letters about alerts of one node."""

    def __init__(self, ground: Ground, writer: LetterWriter) -> None:
        self._store = ground.alert_letter_store
        self._settings = ground.settings
        self._clock = ground.clock
        self._logger = ground.logger
        self._log_store = ground.log_store
        self._own_log = ground.own_log
        self._writer = writer

    @property
    def problem(self) -> str | None:
        """The setting without which no letter can be sent; None when letters can be sent."""
        return problem_with(self._settings)

    async def readers(self) -> list[AlertReaderView]:
        """Everybody who may be written to."""
        return [AlertReaderView(one, address_of(one)) for one in await self._store.all()]

    async def of(self, user: User) -> AlertReaderView | None:
        """Whether and where a user is written to; None for a role that is not."""
        found = [one for one in await self.readers() if one.reader.user.number == user.number]
        return found[0] if found else None

    async def set_wanted(self, user: User, wanted: bool) -> None:
        """Write to a user from now on, or no more."""
        if user.role.covers(Role.FEDERATION_ADMIN):
            await self._store.set_wanted(user.number, wanted)

    async def send_due(self, alerts: Sequence[Alert], now_ms: int) -> int:
        """Write to whoever has not been told of all that is open; returns how many letters were
        taken.
        """
        if self.problem is not None or not alerts:
            return 0
        newest, sent = max(alert.number for alert in alerts), 0
        for one in await self.readers():
            reader = one.reader
            # A wait that is longer than any was begun while the clock was wrong.
            waits = 0 < reader.next_ms - now_ms <= REFUSED_MS
            is_due = reader.wanted and one.address and not waits
            if not is_due or reader.told_no >= newest:
                continue
            # A stop of the node waits for the letter under way: whether it was taken is then known.
            taken = await finish(self._tell(one, alerts, newest, now_ms))
            if taken is None:
                break
            sent += taken
        return sent

    async def _tell(
        self, one: AlertReaderView, alerts: Sequence[Alert], newest: int, now_ms: int
    ) -> bool | None:
        """Write to one user; whether it was taken, None when the mail server is not to be had."""
        user = one.reader.user
        new = [alert for alert in alerts if alert.number > one.reader.told_no]
        others = [alert for alert in alerts if alert.number <= one.reader.told_no]
        row = await self._log_store.log(self._own_log)
        letter = self._writer.letter(row.name if row else "", new, others, user.language)
        sender, unique = self._settings.smtp_sender, self._clock.token(16).hex()
        message = make_message(
            letter, sender=sender, address=one.address, now_ms=now_ms, unique=unique
        )
        await self._store.begin(user.number, now_ms + HOUR_MS)
        try:
            await send(self._settings, message, one.address)
        except MailUncertainError as error:
            await self._store.told(user.number, newest, now_ms)
            self._logger.warning("a letter may not have been taken", code=error.code)
            return None
        except MailError as error:
            next_ms = now_ms + (RETRY_MS if error.may_try_again else REFUSED_MS)
            await self._store.failed(user.number, str(error), now_ms, next_ms)
            self._logger.warning("a letter was not taken", code=error.code, status=error.status)
            return None if error.is_about_server else False
        await self._store.told(user.number, newest, now_ms)
        return True


def address_of(reader: AlertReader) -> str:
    """Where a user is written to; "" when no address of theirs is known."""
    if reader.confirmed_address is not None:
        return reader.confirmed_address
    if reader.user.signed_in_ms is None:
        return ""
    try:
        return read_address(reader.user.name)
    except ValueError:
        return ""
