"""A clock that jumps by ten years, forwards and back: nothing but the times shown depends on it."""

from __future__ import annotations

from pathlib import Path

from letters_asked import hjo_answers, hjo_kommun, subscribe, tomorrow
from mail_server import MailServer
from node.clock import SystemClock
from node_factories import TestNode, until_equal
from storage.record_views import RecordFilter
from web_site import open_site

TEN_YEARS_MS = 10 * 365 * 24 * 60 * 60 * 1000


class JumpingClock(SystemClock):
    """The machine's clock, wrong by as much as it is told."""

    def __init__(self) -> None:
        self.wrong_ms = 0

    def time_ms(self) -> int:
        """The wrong time."""
        return super().time_ms() + self.wrong_ms


async def test_the_daily_check_is_due_whatever_the_clock_said(tmp_path: Path) -> None:
    """A check made while the clock was ten years ahead keeps none away once it is right again."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    node.clock = clock = JumpingClock()
    await node.start_alone()
    try:
        clock.wrong_ms = TEN_YEARS_MS
        await node.node.scrub.now()
        ahead = await node.node.scrub._is_due()
        clock.wrong_ms = 0
        afterwards = await node.node.scrub._is_due()
    finally:
        await node.stop()

    assert not ahead
    assert afterwards


async def test_letters_go_on_after_a_clock_that_was_wrong(tmp_path: Path, mail: MailServer) -> None:
    """A letter that went out while the clock was ten years ahead is not the last for ten years."""
    hjo = hjo_kommun()
    async with open_site(tmp_path, **mail.flags()) as site:
        digests, now_ms = site.served.node.digests, site.served.node.clock.time_ms()
        await subscribe(site, mail)
        await hjo_answers(site, hjo)
        ahead = await digests.send_due(now_ms + TEN_YEARS_MS)
        right = await digests.send_due(now_ms)
        await hjo_answers(site, hjo)
        again = await digests.send_due(tomorrow())

    assert [ahead, right, again] == [1, 0, 1]


async def test_neighbours_agree_whatever_the_clock_says(tmp_path: Path) -> None:
    """A node whose clock jumps while it runs, and again before it starts anew, signs on, its log
    verifies from the first entry, and its neighbour holds and shows the same."""
    jumping = TestNode(tmp_path, "9001", "Exempelby")
    steady = TestNode(tmp_path, "9002", "Exempelköping")
    jumping.clock = clock = JumpingClock()
    try:
        await jumping.start()
        await steady.start()
        await steady.befriend(jumping)
        for wrong_ms in (0, TEN_YEARS_MS, -TEN_YEARS_MS, 0):
            clock.wrong_ms = wrong_ms
            await jumping.publish(f"Exempel {wrong_ms}")
            await steady.publish(f"Exempel, rätt tid {wrong_ms}")
            await until_equal([jumping, steady])
        clock.wrong_ms = -TEN_YEARS_MS
        await jumping.stop()
        await jumping.start()
        await jumping.publish("Exempel efter omstart")
        await until_equal([jumping, steady])
        verified = await steady.node.operations.verify_log(jumping.log, every_signature=True)
        held = await jumping.head(jumping.log_id)
        shown = await steady.node.queries.list_records(RecordFilter())
    finally:
        await jumping.stop()
        await steady.stop()

    assert verified.error == ""
    assert verified.sequence == held
    assert shown.total == 4 + 4 + 1
