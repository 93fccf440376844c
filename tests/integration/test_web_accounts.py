"""Signing in, links that work once, and users, over real sockets and with real passwords."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters

from factories import LogMaker
from node.accounts.hashing import AT_ONCE_MAX, WAITING_MAX, Hashing
from node.accounts.sessions import SEEN_EVERY_MS
from node.accounts.tokens import token_digest
from node.clock import SystemClock
from node.errors import OverloadedError
from node.guessing import OF_ACCOUNT, OF_ADDRESS
from storage.account_views import Role
from web_site import CONFIRMED, FORM, SAME_ORIGIN, Answer, Site, assert_sound, open_site

PASSWORD = "trut harv kaffe sjö"
OTHER_PASSWORD = "grönkål i en låda"
PROXY_SAYS = "192.0.2.7"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, behind one proxy; nobody is signed in."""
    async with open_site(tmp_path, public_url="https://tidan.tidaholm.se", proxy_count=1) as opened:
        yield opened.signed_out()


class StandingClock(SystemClock):
    """A clock that never jumps, and stands: no guess comes back, however slow the machine is."""

    def monotonic_ms(self) -> int:
        """Always the same."""
        return 0


def for_many_guesses(site: Site) -> None:
    """Let no time pass between guesses, and hash as cheaply as it can be done."""
    sessions = site.served.node.sessions
    sessions._clock = StandingClock()
    sessions.hashing._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


async def with_password(site: Site, name: str = "anna", role: Role = Role.AUTHOR) -> None:
    """Make a user who can sign in with the password."""
    accounts = site.served.node.accounts
    link = await accounts.invite(name, name.title(), role, "test")
    await accounts.use_link(link.path.rpartition("/")[2], PASSWORD)


async def sign_in(
    site: Site, name: str, password: str, address: str = "192.0.2.1", goal: str = "/"
) -> Answer:
    """Send the form."""
    headers = {**SAME_ORIGIN, "X-Forwarded-For": address}
    typed = {"namn": name, "losenord": password, "till": goal}
    return await site.post("/logga-in", typed, headers)


def with_cookie(site: Site, answer: Answer) -> Site:
    """The browser that got this answer."""
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Site(site.served, site._session, cookie)


async def test_the_cookie_is_a_token_and_nothing_else(site: Site) -> None:
    """It is out of reach for scripts and other sites, and its text is not in the database."""
    await with_password(site)
    answer = await sign_in(site, " Anna ", PASSWORD, goal="/skriv?typ=fraga")
    cookie = answer.headers["Set-Cookie"]
    token = cookie.partition("=")[2].partition(";")[0]

    assert (answer.status, answer.location) == (303, "/skriv?typ=fraga")
    assert cookie.startswith(f"tidan-{site.served.log[:8]}=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert (await with_cookie(site, answer).get("/skriv")).status == 200
    files = [path.read_bytes() for path in site.served.folder.iterdir() if path.is_file()]
    assert len(files) > 3
    assert [1 for content in files if token.encode() in content] == []
    assert token not in site.served.log_lines.getvalue()


async def test_over_https_the_cookie_is_bound_to_the_host(site: Site) -> None:
    """At the public address it is Secure and has the prefix that no sister site can set."""
    await with_password(site)
    public = {**SAME_ORIGIN, "Host": "tidan.tidaholm.se"}
    answer = await site.post("/logga-in", {"namn": "anna", "losenord": PASSWORD}, public)
    cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith("__Host-tidan=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax", "Secure"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_signing_in_gives_a_new_token_and_ends_the_old(site: Site) -> None:
    """A token that was there before signing in opens nothing afterwards."""
    await with_password(site)
    first = with_cookie(site, await sign_in(site, "anna", PASSWORD))
    second = with_cookie(site, await sign_in(first, "anna", PASSWORD))

    assert first.cookie != second.cookie
    assert (await first.get("/konto")).status == 303
    assert (await second.get("/konto")).status == 200


async def test_the_answer_tells_nothing_about_accounts(site: Site) -> None:
    """A wrong password, an unknown name and a closed account get the same page."""
    await with_password(site)
    await with_password(site, "stangd")
    node = site.served.node
    number = next(user.number for user in await node.accounts.users() if user.name == "stangd")
    await node.accounts.deactivate(number, "test")
    pages = []
    for name, password in (("anna", OTHER_PASSWORD), ("bosse", PASSWORD), ("stangd", PASSWORD)):
        answer = await sign_in(site, name, password)
        assert answer.status == 422
        assert "Set-Cookie" not in answer.headers
        assert_sound(answer)
        assert PASSWORD not in answer.text
        pages.append(answer.text.replace(f'value="{name}"', "VALUE"))

    assert pages[0] == pages[1] == pages[2]


async def test_an_unknown_name_takes_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checking a name that nobody has is the same work: one hash of the same cost is tried."""
    hashing, tried, verify = Hashing(), list[str](), PasswordHasher.verify

    def noting(hasher: PasswordHasher, stored: str, password: str) -> bool:
        tried.append(stored)
        return verify(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", noting)
    stored = await hashing.hash(PASSWORD)
    for known in (stored, None):
        assert not await hashing.matches(known, OTHER_PASSWORD)
    hashing.close()

    assert tried[0] == stored != tried[1]
    known_cost, unknown_cost = map(extract_parameters, tried)
    assert known_cost == unknown_cost
    assert (known_cost.memory_cost, known_cost.time_cost) == (64 * 1024, 3)


async def test_guessing_at_an_account_ends(site: Site) -> None:
    """After some wrong passwords even the right one waits, from any address; the page says so."""
    for_many_guesses(site)
    await with_password(site)
    for number in range(OF_ACCOUNT.guesses):
        answer = await sign_in(site, "ANNA", OTHER_PASSWORD, f"198.51.100.{number}")
        assert answer.status == 422
    stopped = await sign_in(site, "anna", PASSWORD, "203.0.113.9")

    assert stopped.status == 429
    assert "Försök igen om" in stopped.text
    assert_sound(stopped)
    await with_password(site, "bo")
    assert (await sign_in(site, "bo", PASSWORD, "203.0.113.9")).status == 303


async def test_guessing_from_an_address_ends(site: Site) -> None:
    """One password tried on many names is stopped by the address the own proxy saw, not by one
    that the caller claims.
    """
    for_many_guesses(site)
    await with_password(site)
    statuses = []
    for number in range(OF_ADDRESS.guesses + 3):
        claimed = f"203.0.113.{number}, {PROXY_SAYS}"
        statuses.append((await sign_in(site, f"namn{number}", "x", claimed)).status)

    assert statuses == [422] * OF_ADDRESS.guesses + [429] * 3
    assert (await sign_in(site, "anna", PASSWORD, "198.51.100.1")).status == 303


async def test_passwords_are_hashed_a_few_at_a_time() -> None:
    """Many at once do not pile up: a bounded number waits, and more are refused at once."""
    hashing = Hashing()
    outcomes = await asyncio.gather(
        *(hashing.hash(PASSWORD) for _ in range(AT_ONCE_MAX + WAITING_MAX + 5)),
        return_exceptions=True,
    )
    hashing.close()
    refused = [outcome for outcome in outcomes if isinstance(outcome, OverloadedError)]

    assert len(refused) == 5
    assert len({outcome for outcome in outcomes if isinstance(outcome, str)}) == 22


async def test_a_new_password_puts_out_every_other_browser(site: Site) -> None:
    """Changing it needs the present one, refuses a weak one, and leaves one signed in here only."""
    await with_password(site)
    here = with_cookie(site, await sign_in(site, "anna", PASSWORD))
    there = with_cookie(site, await sign_in(site, "anna", PASSWORD))
    page = (await here.get("/konto")).text
    found = re.search(r'name="nyckel" value="(\w+)"', page)
    assert found
    here.key = found.group(1)
    assert "På 2 ställen" in page

    def typed(current: str, new: str, again: str = "") -> dict[str, str]:
        return {"nuvarande": current, "losenord": new, "losenord_igen": again or new}

    for form, said in (
        (typed("fel lösenord", OTHER_PASSWORD), "nuvarande lösenordet stämmer inte"),
        (typed(PASSWORD, "kort"), "för kort"),
        (typed(PASSWORD, "tidaholm-2026-anna"), "lätt att gissa"),
        (typed(PASSWORD, OTHER_PASSWORD, "annat"), "inte lika"),
    ):
        refused = await here.post("/konto/losenord", form)
        assert refused.status == 422
        assert said in refused.text
        assert_sound(refused)
    done = await here.post("/konto/losenord", typed(PASSWORD, OTHER_PASSWORD))
    after = with_cookie(site, done)

    assert (await after.get(done.location)).status == 200
    assert (await here.get("/konto")).status == 303
    assert (await there.get("/konto")).status == 303
    assert (await sign_in(site, "anna", PASSWORD)).status == 422
    assert (await sign_in(site, "anna", OTHER_PASSWORD)).status == 303


async def test_a_session_in_use_goes_on(site: Site) -> None:
    """Use is noted now and then, and moves the session's end; no page waits for the note."""
    await with_password(site)
    browser = with_cookie(site, await sign_in(site, "anna", PASSWORD))
    node = site.served.node
    digest = token_digest(browser.cookie.partition("=")[2])
    begun_ms = node.clock.time_ms()
    await node.session_store.seen(digest, begun_ms - 2 * SEEN_EVERY_MS)
    assert (await browser.get("/konto")).status == 200
    await node.chores.settled()
    visitor = await node.session_store.visitor(digest, node.clock.time_ms())

    assert visitor is not None
    assert visitor.seen_ms >= begun_ms


async def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    """A copied cookie opens nothing after its owner signed out, here or everywhere."""
    await with_password(site)
    one, two, three = [with_cookie(site, await sign_in(site, "anna", PASSWORD)) for _ in range(3)]
    for browser in (one, two):
        page = (await browser.get("/konto")).text
        browser.key = page.split('name="nyckel" value="')[1].partition('"')[0]
    assert (await one.post("/logga-ut")).status == 303
    assert (await one.get("/konto")).status == 303
    assert (await three.get("/konto")).status == 200
    await two.post("/konto/logga-ut-overallt")

    assert (await two.get("/konto")).status == 303
    assert (await three.get("/konto")).status == 303


async def test_a_link_shows_its_form_and_works_once(site: Site) -> None:
    """Looking spends nothing; mistakes are said and keep it; choosing a password spends it."""
    link = await site.served.node.accounts.invite("anna", "Anna Berg", Role.AUTHOR, "test")
    for _ in range(3):
        shown = await site.get(link.path)
        assert shown.status == 200
        assert "Anna Berg, du är inbjuden som skribent" in shown.text
        assert shown.headers["Cache-Control"] == "no-store"
        assert_sound(shown)
    short = await site.post(link.path, {"losenord": "kort", "losenord_igen": "kort"})
    assert short.status == 422
    assert_sound(short)
    sent = {"losenord": PASSWORD, "losenord_igen": PASSWORD}
    done = await site.post(link.path, sent)
    assert done.status == 303
    assert (await with_cookie(site, done).get("/skriv")).status == 200

    for spent in (await site.get(link.path), await site.post(link.path, sent)):
        assert spent.status == 404
        assert "fungerar inte längre" in spent.text
        assert_sound(spent)
    assert link.path.rpartition("/")[2] not in site.served.log_lines.getvalue()


async def test_an_operator_manages_users_on_the_page(tmp_path: Path) -> None:
    """Invite, see the link once, change role, give a new password, put out, let in again."""
    async with open_site(tmp_path) as operator:
        made = await operator.post(
            "/anvandare", {"visat_namn": "Anna Berg", "namn": "anna.berg", "roll": "author"}
        )
        assert_sound(made)
        address = made.text.split('id="lank"')[1].partition(">")[2].partition("<")[0]
        path = address.removeprefix(operator.served.url)
        assert path.rpartition("/")[2] not in (await operator.get("/anvandare")).text
        await operator.signed_out().post(path, {"losenord": PASSWORD, "losenord_igen": PASSWORD})
        users = await operator.served.node.accounts.users()
        anna = next(user for user in users if user.name == "anna.berg")
        base = f"/anvandare/{anna.number}"

        again = await operator.post(
            "/anvandare", {"visat_namn": "<b>", "namn": "anna.berg", "roll": "boss"}
        )
        assert again.status == 422
        assert_sound(again)
        assert (await operator.post(f"{base}/roll", {"roll": "editor"})).status == 303
        assert "Nytt lösenord för Anna Berg" in (await operator.post(f"{base}/losenord")).text
        assert (await operator.post(f"{base}/inaktivera")).status == 303
        assert (await sign_in(operator.signed_out(), "anna.berg", PASSWORD)).status == 422
        assert (await operator.post(f"{base}/aktivera")).status == 303
        assert (await sign_in(operator.signed_out(), "anna.berg", PASSWORD)).status == 303
        trail = (await operator.get("/anvandare/handelser")).text
        for words in (
            "bjöd in",
            "började använda sitt konto",
            "bytte roll på",
            "stängde kontot för",
        ):
            assert words in trail


async def test_the_last_operator_cannot_leave_by_the_page(tmp_path: Path) -> None:
    """The page says why and what to do first, at the person it is about."""
    async with open_site(tmp_path) as operator:
        (only,) = await operator.served.node.accounts.users()
        for path, sent in ((f"/anvandare/{only.number}/inaktivera", {}),
                           (f"/anvandare/{only.number}/roll", {"roll": "reader"})):  # fmt: skip
            answer = await operator.post(path, sent)
            assert answer.status == 422
            assert "minst en driftansvarig" in answer.text
            assert_sound(answer)
        assert (await operator.get("/anvandare")).status == 200


async def test_what_was_done_is_told_in_names(tmp_path: Path) -> None:
    """Records by title, municipalities and colleagues by name: no id and no code of ours shows."""
    async with open_site(tmp_path) as operator:
        author = await operator.signed_in(Role.AUTHOR, "anna.berg")
        record = await operator.publish()
        hjo = LogMaker(2, code="1497", name="Hjo kommun")
        await operator.receive(hjo)
        sent = {"kind": "question", "text": "Hur gick det?"}
        await author.post(f"/erfarenheter/{record}/kommentarer", sent)
        await operator.post("/skriv", [*FORM.items(), *CONFIRMED, ("steg", "publicera")])
        answer = await operator.get("/anvandare/handelser")
        text = " ".join(re.sub(r"<[^>]+>", "", answer.text).split())

        assert_sound(answer)
        assert "publicerade kommentar" in text
        assert "la till kommun Hjo kommun" in text
        assert re.search(
            rf'href="/erfarenheter/[0-9a-f]{{64}}/[^"]*">{FORM["title"]}<', answer.text
        )
        assert not re.search(r"[0-9a-f]{8}", text)


async def test_who_published_stays_here(tmp_path: Path) -> None:
    """The audit names the colleague; nothing that travels to neighbours does."""
    async with open_site(tmp_path) as operator:
        author = await operator.signed_in(Role.AUTHOR, "anna.berg")
        record = await operator.publish()
        sent = {"kind": "question", "text": "Hur gick det?"}
        await author.post(f"/erfarenheter/{record}/kommentarer", sent)
        node = operator.served.node
        newest = (await node.audit.newest(1))[0]
        run = await node.log_store.read_run(node.own_log, 0, await operator.own_sequence())

        assert (newest.actor, newest.action) == ("anna.berg", "publish comment")
        assert all(b"anna" not in (body.content if body else b"") for _, body in run)
        assert "anna" not in operator.served.log_lines.getvalue()
