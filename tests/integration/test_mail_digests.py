"""Letters about what is new, through a real mail server on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from letters_asked import ADDRESS, ask, hjo_answers, subscribe, tomorrow
from mail_server import PASSWORD, USER, MailServer, html_of, mail_server, text_of
from node.following.digests import ASKED_IN_A_DAY_MAX
from node.following.periods import SWEDEN, Frequency, last_end_ms, next_try_ms
from node_factories import until
from storage.account_views import Role
from storage.digest_store import FAILED, SENDING, WAITING, Digest
from web_site import Site, assert_sound, open_site, with_hjo, write

DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture
async def site(tmp_path: Path, mail: MailServer) -> AsyncIterator[Site]:
    """A served node of Tidaholm that can send mail."""
    async with open_site(tmp_path, **mail.flags()) as opened:
        yield opened


async def due(site: Site, now_ms: int) -> int:
    """Send what is due at a time."""
    return await site.served.node.digests.send_due(now_ms)


async def state(site: Site) -> Digest:
    """The letters of the only one who asked for them."""
    (digest,) = await site.served.node.digests.all()
    return digest


async def is_told(site: Site) -> bool:
    """Whether no period is under way."""
    return (await state(site)).state != SENDING


async def test_a_letter_comes_once_a_day_and_only_with_news(site: Site, mail: MailServer) -> None:
    """After confirming: one letter for a day with news, none again, none for a day without."""
    await subscribe(site, mail)
    await hjo_answers(site)
    assert await due(site, site.served.node.clock.time_ms()) == 0
    assert [await due(site, tomorrow()) for _ in range(3)] == [1, 0, 0]
    assert [await due(site, tomorrow(days)) for days in (2, 3)] == [0, 0]
    (letter,) = mail.letters

    assert mail.recipients == [ADDRESS]
    assert letter["Subject"] == "1 nyhet i Tidan"
    assert letter["From"] == "tidan@tidaholm.exempel.se"
    assert letter["Auto-Submitted"] == "auto-generated"
    for text in (text_of(letter), html_of(letter)):
        assert "Hjo kommenterade" in text
        assert "Exempel: egen" in text
        assert "https://tidan.exempel.se/erfarenheter/" in text
    assert (await state(site)).state == WAITING


async def test_nobody_gets_a_letter_who_has_not_confirmed(site: Site, mail: MailServer) -> None:
    """Until the link in the first letter is used there is nothing more; looking spends nothing,
    and it works once.
    """
    assert await ask(site) == "/foljer?klart=utskick-fraga#utskick"
    await hjo_answers(site)
    assert await due(site, tomorrow()) == 0
    path, public = mail.link("/utskick/bekrafta/"), site.signed_out()
    for _ in range(2):
        looked = await public.get(path)
        assert_sound(looked)
        assert "Vill du få breven hit?" in looked.text
    assert (await state(site)).confirmed_ms is None
    assert "List-Unsubscribe" not in mail.letters[0]
    assert (await public.post(path)).status == 200
    assert (await state(site)).confirmed_ms is not None
    assert (await public.post(path)).status == 404
    assert (await public.get(path)).status == 404


async def test_one_click_ends_it(site: Site, mail: MailServer) -> None:
    """A mail program posts to the address in the header, without any page of ours."""
    await subscribe(site, mail)
    await hjo_answers(site)
    await due(site, tomorrow())
    (letter,) = mail.letters
    url = letter["List-Unsubscribe"].strip("<>")
    path = url.removeprefix("https://tidan.exempel.se")

    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert dict(letter.raw_items())["List-Unsubscribe"] == f"<{url}>", "as it went over the wire"
    assert url in text_of(letter)
    body = {"List-Unsubscribe": "One-Click"}
    asked = await site.signed_out().get(path)
    assert_sound(asked)
    assert "Vill du sluta få breven?" in asked.text
    assert len(await site.served.node.digests.all()) == 1
    done = await site.signed_out().post(path, body, {})
    assert done.status == 200
    assert await site.served.node.digests.all() == []
    assert "Du får inga fler brev" in (await site.signed_out().get(path)).text
    assert (await site.signed_out().post(path, body, {})).status == 200
    assert await due(site, tomorrow(2)) == 0


async def test_a_letter_under_way_in_a_crash_is_never_sent_again(
    site: Site, mail: MailServer
) -> None:
    """Whether the node dies before or after the server took it: the period counts as told."""
    await subscribe(site, mail)
    await hjo_answers(site)
    node, now_ms = site.served.node, tomorrow()
    digest = await state(site)
    assert await node.digest_store.begin(digest, last_end_ms(Frequency.DAILY, now_ms))
    assert not await node.digest_store.begin(digest, last_end_ms(Frequency.DAILY, now_ms))
    await site.served.stop()
    await site.served.start()
    await until(lambda: is_told(site), "the loop of letters has begun")

    assert await due(site, now_ms) == 0
    assert await due(site, tomorrow(2)) == 0
    assert mail.letters == []
    assert "stopped" in str((await state(site)).error)
    assert "letters were under way" in site.served.log_lines.getvalue()


async def test_a_server_that_hangs_up_may_have_taken_it(site: Site, mail: MailServer) -> None:
    """Without an answer to the letter nobody knows, so it is not sent a second time."""
    await subscribe(site, mail)
    await hjo_answers(site)
    mail.hangs_up = True
    assert await due(site, tomorrow()) == 0
    mail.hangs_up = False
    for hours in range(1, 12):
        assert await due(site, tomorrow(hour=8 + hours)) == 0

    assert len(mail.letters) == 1
    assert (await state(site)).error


@pytest.mark.parametrize("where", ["answer", "answer_to_recipient"])
async def test_a_refused_letter_is_tried_again_within_bounds(
    site: Site, mail: MailServer, where: str
) -> None:
    """A fault that may pass: four more times, later each time; then the next day tells it all."""
    await subscribe(site, mail)
    await hjo_answers(site)
    setattr(mail, where, "451 later")
    now_ms, tries = tomorrow(), 0
    assert await due(site, now_ms) == 0
    while (known := await state(site)).state == FAILED:
        tries += 1
        assert known.next_try_ms == next_try_ms(tries, now_ms)
        assert await due(site, known.next_try_ms - 1) == 0
        assert (await state(site)).attempts == tries
        now_ms = known.next_try_ms
        assert await due(site, now_ms) == 0
    assert (tries, mail.letters) == (4, [])
    assert await due(site, now_ms + 60_000) == 0
    setattr(mail, where, "250 OK")
    assert await due(site, tomorrow(2)) == 1
    assert (await state(site)).error is None


async def test_a_retry_that_succeeds_is_the_only_letter(site: Site, mail: MailServer) -> None:
    """Once the server takes it, the period is told."""
    await subscribe(site, mail)
    await hjo_answers(site)
    mail.answer = "451 later"
    await due(site, tomorrow())
    mail.answer = "250 OK"
    again_ms = (await state(site)).next_try_ms

    assert [await due(site, again_ms), await due(site, again_ms + DAY_MS // 4)] == [1, 0]
    assert len(mail.letters) == 1


async def test_an_address_that_is_refused_for_good_waits_for_the_next_day(
    site: Site, mail: MailServer
) -> None:
    """It is said to its user and to the operator, with the server's words, and no log names it."""
    await subscribe(site, mail)
    await hjo_answers(site)
    mail.answer_to_recipient = f"550 no mailbox {ADDRESS}"
    assert await due(site, tomorrow()) == 0
    assert [await due(site, tomorrow(hour=hour)) for hour in (9, 12, 20)] == [0, 0, 0]
    operators = await site.get("/utskick")

    assert_sound(operators)
    assert "Gick inte fram" in operators.text
    assert "no mailbox" in operators.text
    assert "Det senaste brevet gick inte fram" in (await site.get("/foljer")).text
    log = site.served.log_lines.getvalue()
    assert "a letter was not taken" in log
    assert "status=550" in log
    assert ADDRESS not in log


async def test_a_server_that_is_away_stops_the_round(tmp_path: Path) -> None:
    """When it cannot be reached, one letter learns it and the others wait for their turn."""
    with mail_server() as mail:
        flags = mail.flags()
    async with open_site(tmp_path, **flags) as site:
        with mail_server(port=mail.port) as running:
            for user in (site, await site.signed_in(Role.READER)):
                await subscribe(user, running)
        await hjo_answers(site)
        assert await due(site, tomorrow()) == 0
        known = await site.served.node.digests.all()
        assert [one.state for one in known] == [FAILED, WAITING]
        with mail_server(port=mail.port) as running:
            assert await due(site, known[0].next_try_ms) == 2
        assert len(running.letters) == 2


async def test_every_week_is_told_on_mondays(site: Site, mail: MailServer) -> None:
    """A week's news come in one letter; changing how often needs no new link."""
    await subscribe(site, mail, "weekly")
    await hjo_answers(site)
    confirmed_ms = (await state(site)).confirmed_ms
    assert confirmed_ms is not None
    sent = [await due(site, tomorrow(days)) for days in range(1, 9)]

    assert sum(sent) == 1
    monday = tomorrow(1 + sent.index(1))
    assert datetime.fromtimestamp(monday / 1000, SWEDEN).weekday() == 0
    assert await ask(site, "daily") == "/foljer?klart=utskick-andrat#utskick"
    assert ((await state(site)).frequency, (await state(site)).confirmed_ms) == (
        "daily",
        confirmed_ms,
    )


async def test_a_new_address_is_confirmed_before_anything_goes_there(
    site: Site, mail: MailServer
) -> None:
    """Another address means a new link; until then no letter goes to either."""
    await subscribe(site, mail)
    await ask(site, address="bo@tidaholm.exempel.se")
    await hjo_answers(site)

    assert mail.recipients == ["bo@tidaholm.exempel.se"]
    assert await due(site, tomorrow()) == 0


async def test_what_is_for_members_is_named_in_no_letter(site: Site, mail: MailServer) -> None:
    """A letter can be passed on, so it tells that something came, and not what."""
    await subscribe(site, mail)
    await site.post("/foljer", {"slag": "municipality", "mal": "1497"})
    await with_hjo(site, title="Exempel: hemligt namn", visibility="federation")
    await due(site, tomorrow())
    (letter,) = mail.letters

    for text in (text_of(letter), html_of(letter)):
        assert "En erfarenhet för anslutna kommuner" in text
        assert "hemligt" not in text.lower()


async def test_a_followed_search_in_a_place_comes_by_mail(site: Site, mail: MailServer) -> None:
    """A letter tells what a search kept to a place lists, and nothing from elsewhere."""
    await subscribe(site, mail)
    search = {"text": "nyckel", "place": "skaraborg", "group": "liknar-oss"}
    await site.post("/foljer", {"slag": "search", "mal": json.dumps(search)})
    stockholm = LogMaker(3, code="0180", name="Stockholms stad")
    write(stockholm, "experience", an_experience(title="Exempel: nyckel långt borta"))
    await site.receive(stockholm)
    await with_hjo(site, title="Exempel: nyckel nära")
    assert await due(site, tomorrow()) == 1
    (letter,) = mail.letters

    assert "Exempel: nyckel nära" in text_of(letter)
    assert "långt borta" not in text_of(letter) + html_of(letter)


async def test_who_is_put_out_gets_no_letter(site: Site, mail: MailServer) -> None:
    """A closed account is told nothing more."""
    reader = await site.signed_in(Role.READER)
    await subscribe(reader, mail)
    await hjo_answers(site)
    await site.served.node.operations.deactivate_user("reader.exempel")

    assert await due(site, tomorrow()) == 0


async def test_a_user_cannot_flood_other_peoples_mailboxes(site: Site, mail: MailServer) -> None:
    """Letters with a link are counted; the one too many is not sent, and said so."""
    for number in range(ASKED_IN_A_DAY_MAX):
        await ask(site, address=f"a{number}@exempel.se")
    sent = {"adress": "annan@exempel.se", "hur_ofta": "daily"}
    answer = await site.post("/foljer/utskick", sent)

    assert answer.status == 422
    assert "Du har bett om många brev i dag" in answer.text
    assert len(mail.letters) == ASKED_IN_A_DAY_MAX


@pytest.mark.parametrize("address", ["anna", "a@b.se\r\nBcc: c@d.se", ""])
async def test_a_wrong_address_is_said_at_the_field(
    site: Site, mail: MailServer, address: str
) -> None:
    """The page comes back with what was typed, and nothing was sent."""
    answer = await site.post("/foljer/utskick", {"adress": address, "hur_ofta": "daily"})

    assert answer.status == 422
    assert_sound(answer)
    assert "Skriv en e-postadress" in answer.text
    assert mail.letters == []


async def test_a_server_that_refuses_the_first_letter_leaves_nothing(
    site: Site, mail: MailServer
) -> None:
    """Who asks is told at once that it did not work."""
    mail.answer = "554 no"
    answer = await site.post("/foljer/utskick", {"adress": ADDRESS, "hur_ofta": "daily"})

    assert answer.status == 422
    assert "gick inte att skicka" in answer.text
    assert await site.served.node.digests.all() == []


async def test_without_a_mail_server_the_page_says_why(tmp_path: Path) -> None:
    """The choice is shown as not available, with what is missing; nothing is sent."""
    for missing, words in (
        ("smtp_host", "inte angett någon e-postserver"),
        ("smtp_sender", "från vilken adress"),
        ("public_url", "webbplatsens adress"),
    ):
        flags = MailServer().flags(**{missing: ""})
        async with open_site(tmp_path / missing, **flags) as site:
            page = await site.get("/foljer")
            assert words in page.text
            assert 'name="adress"' not in page.text
            assert missing in (await site.get("/utskick")).text
            answer = await site.post("/foljer/utskick", {"adress": ADDRESS, "hur_ofta": "daily"})
            assert answer.location == "/foljer#utskick"
            assert await due(site, tomorrow()) == 0


async def test_a_server_that_asks_for_a_password_gets_it(tmp_path: Path) -> None:
    """With the right password letters go out; with a wrong one the operator reads why."""
    with mail_server(asks_for_password=True) as mail:
        right = mail.flags(smtp_user=USER, smtp_password=PASSWORD)
        async with open_site(tmp_path / "right", **right) as site:
            await ask(site)
            assert (len(mail.letters), mail.logins[-1]) == (1, USER)
        wrong = mail.flags(smtp_user=USER, smtp_password="wrong")
        async with open_site(tmp_path / "wrong", **wrong) as site:
            sent = {"adress": ADDRESS, "hur_ofta": "daily"}
            assert (await site.post("/foljer/utskick", sent)).status == 422
            assert "status=535" in site.served.log_lines.getvalue()


async def test_nothing_goes_out_readable_where_starttls_is_asked_for(tmp_path: Path) -> None:
    """A server without STARTTLS, or something in between that hides it, gets no letter."""
    with mail_server() as mail:
        async with open_site(tmp_path, **mail.flags(smtp_starttls=True)) as site:
            sent = {"adress": ADDRESS, "hur_ofta": "daily"}
            assert (await site.post("/foljer/utskick", sent)).status == 422
    assert (mail.letters, mail.recipients) == ([], [])


async def test_a_long_list_has_an_end(site: Site, mail: MailServer) -> None:
    """A letter tells the newest and how many more there are."""
    await subscribe(site, mail)
    await site.post("/foljer", {"slag": "municipality", "mal": "1497"})
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    for number in range(60):
        write(hjo, "experience", an_experience(title=f"Exempel {number}"))
    await site.receive(hjo)
    await due(site, tomorrow())
    (letter,) = mail.letters

    assert "Och 20 till" in text_of(letter)
    assert html_of(letter).count("<li>") == 40
