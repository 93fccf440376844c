"""How tests ask for letters, what these tell, and what time it is when they come."""

from __future__ import annotations

from datetime import datetime, timedelta

from factories import LogMaker
from mail_server import MailServer
from node.following.periods import SWEDEN
from protocol.content import Comment
from web_site import Site, write

ADDRESS = "anna@tidaholm.exempel.se"


async def ask(site: Site, frequency: str = "daily", address: str = ADDRESS) -> str:
    """Ask for letters on the page; where that leads."""
    answer = await site.post("/foljer/utskick", {"adress": address, "hur_ofta": frequency})
    assert answer.status == 303, answer.text
    return answer.location


async def subscribe(site: Site, server: MailServer, frequency: str = "daily") -> None:
    """Ask for letters and confirm the address."""
    await ask(site, frequency)
    confirmed = await site.signed_out().post(server.link("/utskick/bekrafta/"))
    assert "Adressen är bekräftad" in confirmed.text
    server.letters.clear()
    server.recipients.clear()


def tomorrow(days: int = 1, hour: int = 8) -> int:
    """Milliseconds of the morning after so many days."""
    day = datetime.now(SWEDEN).date() + timedelta(days=days)
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=SWEDEN).timestamp() * 1000)


def hjo_kommun() -> LogMaker:
    """A neighbour's log."""
    return LogMaker(2, code="1497", name="Hjo kommun")


async def hjo_answers(site: Site, begun: LogMaker | None = None) -> None:
    """Something new: Hjo comments on a record of ours, in a log that has begun or begins."""
    own = await site.publish(title="Exempel: egen")
    hjo = begun or hjo_kommun()
    write(hjo, "comment", Comment(record=own, text="Exempel: hur gick det?"))
    await site.receive(hjo)
