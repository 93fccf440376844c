"""What needs a person, on a real node: noticed, shown, written, posted, and over."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import text

from command_line import document, run
from factories import LogMaker
from letters_asked import ADDRESS, subscribe
from mail_server import MailServer, html_of, text_of
from node.alerts.alert_letters import HOUR_MS, RETRY_MS
from node.alerts.conditions import DAY_MS, STARTING_MS
from node.alerts.webhook import GIVEN_UP_MS, RETRY_AFTER_MS
from node.config import load_settings
from node.operations.node import Node
from node.process.bootstrap import open_node
from node_factories import nodes, until
from protocol.directory import Standing
from storage.account_views import Role
from tls_server import WebServer, web_server
from web_site import Site, assert_sound, open_site

HJO = LogMaker(2, code="1497", name="Hjo kommun")
KEY = bytes(range(32))
PUBLIC_URL = "http://tidan.exempel.se"


@pytest.fixture
async def hook() -> AsyncIterator[WebServer]:
    """A system that is told of alerts."""
    async with web_server(lambda _: web.Response()) as running:
        yield running


@pytest.fixture
async def site(tmp_path: Path, mail: MailServer) -> AsyncIterator[Site]:
    """A served node of Tidaholm that can send mail; without https it asks nobody outside."""
    async with open_site(tmp_path, **mail.flags(public_url=PUBLIC_URL)) as opened:
        yield opened


def serve_long(node: Node) -> None:
    """Let a node have served long enough to judge its neighbours."""
    node.alerts._gathering._serving_since = node.clock.monotonic_ms() - STARTING_MS


async def fall_silent(node: Node, name: str = "Hjo kommun", log: bytes = HJO.log) -> None:
    """Have a neighbour that was added two days ago and never answered."""
    serve_long(node)
    await node.neighbours.add(log, None, name, node.clock.time_ms() - 2 * DAY_MS)


async def now_and(node: Node, later_ms: int = 0) -> int:
    """A time so much after this one."""
    return node.clock.time_ms() + later_ms


async def test_a_silent_neighbour_is_shown_and_over_when_it_is_gone(site: Site) -> None:
    """Page, menu and start page say it to who looks after the node; afterwards it is history."""
    node = site.served.node
    assert "Inget behöver åtgärdas" in (await site.get("/atgarda")).text
    await fall_silent(node)
    page = await site.get("/atgarda")
    assert_sound(page)
    assert "Ingen kontakt än med Hjo" in page.text
    assert '<span class="tag">1</span>' in page.text
    start = await site.get("/")
    assert "1\N{NO-BREAK SPACE}sak" in start.text
    assert 'href="/atgarda"' in (await site.get("/grannar")).text
    await node.operations.remove_neighbour(HJO.log.hex())
    page = await site.get("/atgarda")
    assert "Inget behöver åtgärdas" in page.text
    assert "Det som är över" in page.text
    assert "Ingen kontakt än med Hjo" in page.text


async def test_what_cannot_be_kept_is_shown_all_the_same(site: Site) -> None:
    """A database that takes nothing hides no alert; it is kept once it can be."""
    node = site.served.node
    await fall_silent(node)
    async with node.account_store._database.write() as connection:
        fails = "BEGIN SELECT RAISE(FAIL, 'disk I/O error'); END"
        await connection.execute(text(f"CREATE TRIGGER failing BEFORE INSERT ON alerts {fails}"))
    page = await site.get("/atgarda")
    kept = await node.alert_store.open()
    async with node.account_store._database.write() as connection:
        await connection.execute(text("DROP TRIGGER failing"))
    await site.get("/atgarda")

    assert_sound(page)
    assert "Ingen kontakt än med Hjo" in page.text
    assert kept == []
    assert len(await node.alert_store.open()) == 1


async def test_only_who_looks_after_the_node_is_told(site: Site) -> None:
    """Others get neither the page nor the number."""
    await fall_silent(site.served.node)
    await site.served.node.alerts.look()
    for role, status in ((Role.EDITOR, 403), (Role.FEDERATION_ADMIN, 200)):
        other = await site.signed_in(role)
        assert (await other.get("/atgarda")).status == status
        assert ('href="/atgarda"' in (await other.get("/")).text) == (status == 200)
        assert ("Brev när något" in (await other.get("/konto")).text) == (status == 200)
        assert (await other.post("/konto/larm", {"brev": "ja"})).status in (303, status)
    assert (await site.signed_out().get("/atgarda")).status in (302, 303)


async def test_one_can_have_all_of_it_checked_again(site: Site) -> None:
    """A button asks servers anew; the page says so."""
    answer = await site.post("/atgarda")
    assert answer.location == "/atgarda?klart=tittat"
    assert "Allt är kontrollerat igen" in (await site.get(answer.location)).text


async def test_a_letter_tells_once_and_at_most_once_an_hour(site: Site, mail: MailServer) -> None:
    """To the confirmed address, in the reader's language; what came meanwhile waits its hour."""
    node = site.served.node
    await subscribe(site, mail)
    await fall_silent(node)
    for later_ms in (0, 1, HOUR_MS + 1):
        await node.alerts.tell(await now_and(node, later_ms))
    (letter,) = mail.letters
    assert mail.recipients == [ADDRESS]
    assert letter["Subject"] == "Tidan, Tidaholms kommun: Ingen kontakt än med Hjo kommun"
    for words in (text_of(letter), html_of(letter)):
        assert "Ingen kontakt än med Hjo" in words
        assert f"{PUBLIC_URL}/atgarda" in words
        assert f"{PUBLIC_URL}/konto" in words

    await fall_silent(node, "Skara", b"s" * 32)
    start_ms = await now_and(node, 2 * HOUR_MS)
    await node.alerts.tell(start_ms)
    await fall_silent(node, "Skövde", b"k" * 32)
    await node.alerts.tell(start_ms + HOUR_MS - 1)
    assert len(mail.letters) == 2
    await node.alerts.tell(start_ms + HOUR_MS)
    assert [one["Subject"].partition(": ")[2] for one in mail.letters[1:]] == [
        "Ingen kontakt än med Skara",
        "Ingen kontakt än med Skövde",
    ]
    told = text_of(mail.letters[2])
    assert told.index("Skövde") < told.index("Återstår sedan tidigare") < told.index("Skara")


async def test_who_says_no_gets_no_letter(site: Site, mail: MailServer) -> None:
    """The choice stands on the account's page, and can be taken back."""
    node = site.served.node
    await subscribe(site, mail)
    assert ADDRESS.partition("@")[0] in (await site.get("/konto")).text
    done = await site.post("/konto/larm", {"brev": "nej"})
    assert done.location == "/konto?klart=larm-nej#larm"
    assert "Du får inga sådana brev" in (await site.get("/konto")).text
    assert (await site.post("/konto/larm", {"brev": "x"})).status == 400
    await fall_silent(node)
    await node.alerts.tell(await now_and(node))
    assert mail.letters == []
    await site.post("/konto/larm", {"brev": "ja"})
    await node.alerts.tell(await now_and(node))
    assert len(mail.letters) == 1


async def test_a_letter_goes_to_a_user_name_that_is_an_address(
    site: Site, mail: MailServer
) -> None:
    """When its owner has signed in with it; one who has not is not written to."""
    node = site.served.node
    for name in ("eva@hjo.exempel.se", "bo@hjo.exempel.se"):
        await site.signed_in(Role.OPERATOR, name)
    async with node.account_store._database.write() as connection:
        await connection.execute(text("UPDATE users SET signed_in_ms = NULL WHERE name LIKE 'bo%'"))
    await fall_silent(node)
    await node.alerts.tell(await now_and(node))

    assert mail.recipients == ["eva@hjo.exempel.se"]


async def test_a_letter_that_was_not_taken_is_sent_later(site: Site, mail: MailServer) -> None:
    """The page says what the mail server said; a letter that may have been taken is not sent
    again.
    """
    node = site.served.node
    await subscribe(site, mail)
    await fall_silent(node)
    mail.answer = "451 Senare"
    start_ms = await now_and(node)
    await node.alerts.tell(start_ms)
    assert "Senare" in (await site.get("/atgarda")).text
    await node.alerts.tell(start_ms + RETRY_MS - 1)
    mail.answer = "250 OK"
    await node.alerts.tell(start_ms + RETRY_MS - 1)
    assert mail.letters == []
    mail.hangs_up = True
    for later_ms in (RETRY_MS, RETRY_MS + HOUR_MS):
        await node.alerts.tell(start_ms + later_ms)
    assert len(mail.letters) == 1


async def test_a_clock_that_was_wrong_silences_nobody(site: Site, mail: MailServer) -> None:
    """What was sent or tried while the clock was ten years ahead is not waited for afterwards."""
    node = site.served.node
    await subscribe(site, mail)
    await fall_silent(node)
    await node.alerts.tell(await now_and(node, 3_653 * DAY_MS))
    await fall_silent(node, "Skara", b"s" * 32)
    await node.alerts.tell(await now_and(node))

    assert ["Skara" in one["Subject"] for one in mail.letters] == [False, True]


async def test_english_readers_get_english(site: Site, mail: MailServer) -> None:
    """The page and the letter."""
    node = site.served.node
    await subscribe(site, mail)
    await fall_silent(node)
    page = await site.get("/atgarda?sprak=en")
    assert_sound(page, "en")
    assert "No contact yet with Hjo" in page.text
    await node.alerts.tell(await now_and(node))
    assert "No contact yet with Hjo" in mail.letters[0]["Subject"]


def signed(request_headers: dict[str, str], body: bytes) -> bool:
    """Whether a receiver finds the signature right, reckoned as the standard says."""
    told = f"{request_headers['webhook-id']}.{request_headers['webhook-timestamp']}.".encode()
    digest = hmac.new(KEY, told + body, hashlib.sha256).digest()
    return request_headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


class Told:
    """What a system was told, and how it answers."""

    def __init__(self) -> None:
        self.status = 200
        self.taken: list[tuple[dict[str, str], bytes]] = []

    def answer(self, headers: Mapping[str, str], body: bytes) -> web.Response:
        """Take one event, or not."""
        if self.status == 200:
            self.taken.append((dict(headers), body))
        return web.Response(status=self.status, headers={"Location": "http://127.0.0.1:1/"})

    @property
    def types(self) -> list[str]:
        """What happened, in order."""
        return [json.loads(body)["type"] for _, body in self.taken]


async def test_another_system_is_told_signed_and_in_order(tmp_path: Path, hook: WebServer) -> None:
    """That an alert began and that it ended; each once, tried again later, each time later."""
    told = Told()
    hook.answer = lambda request: told.answer(request.headers, hook.bodies[-1])
    secret = base64.b64encode(KEY).decode()
    flags = {"webhook_url": f"http://127.0.0.1:{hook.port}/larm", "webhook_secret": secret}
    async with open_site(tmp_path, **flags) as site:
        node = site.served.node
        await fall_silent(node)
        told.status = 302
        start_ms = await now_and(node)
        waits = [0, *RETRY_AFTER_MS]
        for number in range(len(waits)):
            at_ms = start_ms + sum(waits[: number + 1])
            if number:
                await node.alerts.tell(at_ms - 1)
                assert node.alerts.webhook._failures == number
            await node.alerts.tell(at_ms)
            assert node.alerts.webhook._failures == number + 1
        assert "inte tagit emot larm" in (await site.get("/atgarda")).text
        told.status = 200
        await node.operations.remove_neighbour(HJO.log.hex())
        for later_ms in (0, DAY_MS, DAY_MS + 1):
            await node.alerts.tell(start_ms + later_ms)

    assert told.types[:2] == ["alert.begun", "alert.ended"]
    assert all(signed(headers, body) for headers, body in told.taken)
    assert len({headers["webhook-id"] for headers, _ in told.taken}) == len(told.taken)
    begun = json.loads(told.taken[0][1])["data"]
    assert (begun["code"], begun["subject"]) == ("neighbour_never_heard", HJO.log.hex())
    assert begun["municipality"]["name"] == "Tidaholms kommun"
    assert begun["words"]["en"]["title"] == "No contact yet with Hjo kommun"
    assert begun["words"]["sv"]["action"].startswith("Se under Grannar")


async def test_what_was_never_taken_is_given_up(tmp_path: Path, hook: WebServer) -> None:
    """After three days it is told no more; and what began without a webhook never is."""
    hook.answer = lambda _: web.Response(status=500)
    url = f"http://127.0.0.1:{hook.port}/"
    async with open_site(tmp_path, webhook_url=url) as site:
        node = site.served.node
        await fall_silent(node)
        start_ms = await now_and(node)
        await node.alerts.tell(start_ms)
        assert len(await node.alert_store.unposted(9)) == 1
        await node.alerts.webhook.post_due(start_ms + GIVEN_UP_MS + 1000)
        assert await node.alert_store.unposted(9) == []
    async with open_site(tmp_path / "other") as site:
        await fall_silent(site.served.node)
        await site.served.node.alerts.tell(start_ms)
        assert await site.served.node.alert_store.unposted(9) == []


async def test_contact_is_remembered_while_it_lasts(tmp_path: Path) -> None:
    """A neighbour that was connected for days is not silent the moment it goes."""
    async with nodes(tmp_path, "A", "B") as (a, b):
        await a.befriend(b)

        async def connected() -> bool:
            return a.node.alerts._gathering._is_connected(b.log_id)

        await until(connected, "they were connected")
        gathering = a.node.alerts._gathering
        gathering._sighted_ms = 0
        await a.node.alerts.look()
        seen_ms = (await a.node.alert_store.sightings())[b.log_id]
        assert a.node.clock.time_ms() - seen_ms < DAY_MS
        async with a.node.account_store._database.write() as connection:
            await connection.execute(text("UPDATE neighbours SET added_ms = 1"))
            for way in ("outgoing", "incoming"):
                await connection.execute(text(f"UPDATE neighbours SET {way}_success_ms = 2"))
        await b.stop()

        async def apart() -> bool:
            return not await connected()

        await until(apart, "they were apart")
        serve_long(a.node)
        assert await a.node.alerts.look() == []


async def freeze_hjo(data: Path) -> None:
    """Have two versions of a municipality's log found."""
    async with open_node(load_settings(data=data)) as node:
        await node.standings.decide(HJO.log, Standing.MEMBER, "exempel")
        await node.log_store.freeze(HJO.log, b"proof", node.clock.time_ms())


def test_the_doctor_says_the_same(tmp_path: Path) -> None:
    """Exit code 0 when nothing needs a person, else 1, with the words of the page in English."""
    data = tmp_path / "nod"
    document("--data", data, "init", "--code", "1498")
    well = run("--data", data, "doctor")
    assert (well.exit_code, "Nothing needs a person." in well.stdout) == (0, True)
    assert "does not serve" in well.stdout
    asyncio.run(freeze_hjo(data))
    ill = run("--data", data, "doctor")
    assert ill.exit_code == 1
    assert "exists in two versions" in ill.stdout
    assert "What to do: " in ill.stdout
    as_json = run("--data", data, "--json", "doctor")
    assert as_json.exit_code == 1
    (alert,) = json.loads(as_json.stdout)["alerts"]
    assert (alert["code"], alert["subject"]) == ("fork", HJO.log.hex())


async def test_a_running_node_is_asked(site: Site) -> None:
    """The doctor of a node that serves judges its neighbours too."""
    await fall_silent(site.served.node)
    found = await asyncio.to_thread(run, "--data", site.served.folder, "--json", "doctor")
    told = json.loads(found.stdout)

    assert found.exit_code == 1
    assert told["serves"] is True
    assert [alert["code"] for alert in told["alerts"]] == ["neighbour_never_heard"]


async def test_a_node_says_which_log_is_its(site: Site) -> None:
    """To anybody, also where reading needs signing in."""
    answer = await site.signed_out().get("/.well-known/tidan")

    assert json.loads(answer.text)["log"] == site.served.log
    assert answer.headers["Content-Type"].startswith("application/json")


async def test_a_restart_raises_nothing_twice(tmp_path: Path) -> None:
    """What held before a restart is the same alert after it, also before it can be judged."""
    async with open_site(tmp_path) as site:
        await fall_silent(site.served.node)
        (before,) = await site.served.node.alerts.look()
        await site.served.stop()
        await site.served.start()
        (after,) = await site.served.node.alerts.look()
        assert after == before
