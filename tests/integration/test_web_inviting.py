"""The pages on which municipalities become neighbours, without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factories import LogMaker
from node.web.pages.invites import ADDRESS
from node_factories import nodes
from protocol.directory import Standing
from protocol.invite import InviteCode, encode_code
from storage.account_views import Role
from web_site import Answer, Site, assert_sound, open_site

JOIN = "/grannar/anslut"
SKARA = LogMaker(3, code="1495", name="Skara kommun")
HJO = LogMaker(2, code="1497", name="Hjo kommun")


def link(origin: str = "https://tidan.skara.example", log: bytes = SKARA.log) -> str:
    """An invite from Skara, as it is pasted."""
    return f"{origin}/inbjudan#{encode_code(InviteCode(origin, log, bytes(16), '1495'))}"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A node that the world reaches, as its administrator of neighbours sees it."""
    async with open_site(tmp_path, public_url="https://tidan.tidaholm.example") as opened:
        yield await opened.signed_in(Role.FEDERATION_ADMIN)


async def knock(site: Site, maker: LogMaker = HJO) -> None:
    """Let somebody knock who was not invited."""
    node = site.served.node
    name = "Hjo kommun"
    await node.neighbours.knock(maker.log, "1497", name, node.clock.time_ms())


def joining(text: str = "", **fields: str) -> dict[str, str]:
    """The form with an invite."""
    return {"satt": "inbjudan", "inbjudan": text} | fields


def by_address(address: str, typed_id: str, **fields: str) -> dict[str, str]:
    """The form with address and id."""
    return {"satt": "adress", "adress": address, "id": typed_id} | fields


def faults_of(answer: Answer) -> set[str]:
    """The fields that are marked as wrong."""
    return set(re.findall(r'id="([\w-]+)-fel"', answer.text))


async def test_an_invite_is_shown_once(site: Site) -> None:
    """The link stands on the answer to the form, as text and as a drawing, and on no page after."""
    answer = await site.post(ADDRESS, {"till": "Hjo kommun", "dagar": "14"})
    found = re.search(r"https://tidan\.tidaholm\.example/inbjudan#([\w-]+)", answer.text)
    later = await site.get(ADDRESS)

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert found is not None
    assert '<svg viewBox="0 0 ' in answer.text
    assert_sound(answer)
    assert found[1] not in later.text
    assert "Hjo kommun" in later.text
    assert "Inte använd än" in later.text
    assert_sound(later)


@pytest.mark.parametrize("words", ["", " ", "x" * 81, "a\u202eb"])
async def test_an_invite_says_whom_it_is_for(site: Site, words: str) -> None:
    """Without that nothing is made, and the field says so."""
    answer = await site.post(ADDRESS, {"till": words, "dagar": "7"})

    assert answer.status == 422
    assert answer.title.startswith("Fel:")
    assert faults_of(answer) == {"till"}
    assert await site.served.node.operations.invites() == []


async def test_an_invite_of_another_length_is_refused(site: Site) -> None:
    """The choices of the page are the only ones."""
    assert (await site.post(ADDRESS, {"till": "Hjo", "dagar": "400"})).status == 400


async def test_an_invite_is_taken_back_once(site: Site) -> None:
    """The second press, on a page that is old by then, does no harm."""
    await site.post(ADDRESS, {"till": "Hjo kommun", "dagar": "7"})
    (invite,) = await site.served.node.operations.invites()
    path = f"{ADDRESS}/{invite.number}/ta-tillbaka"
    answers = [await site.post(path) for _ in range(2)]

    assert [answer.location for answer in answers] == [
        f"{ADDRESS}?klart=inbjudan-tillbaka",
        ADDRESS,
    ]
    assert await site.served.node.operations.invites() == []


async def test_a_node_nobody_reaches_says_so(tmp_path: Path) -> None:
    """An invite with an address inside the network comes with a warning."""
    async with open_site(tmp_path) as site:
        answer = await site.post(ADDRESS, {"till": "Hjo kommun", "dagar": "7"})

    assert "går bara att nå inifrån ert nät" in answer.text


async def test_what_an_invite_opens_needs_no_account(tmp_path: Path) -> None:
    """Whoever follows the link learns what to do with it, also on a closed node."""
    async with open_site(tmp_path, read_access="signed-in") as site:
        answer = await site.signed_out().get("/inbjudan")

    assert answer.status == 200
    assert "Anslut till en kommun" in answer.text
    assert_sound(answer)


async def test_joining_shows_whom_before_it_calls(site: Site) -> None:
    """First the fingerprints, and nothing is added; then the neighbour."""
    answer = await site.post(JOIN, joining(link()))
    before = await site.served.node.operations.neighbours()
    agreed = await site.post(JOIN, joining(link(), log=SKARA.log.hex(), jamfort="ja"))
    (status,) = await site.served.node.operations.neighbours()
    page = (await site.get("/grannar")).text

    assert answer.status == 200
    assert "Är det Skara?" in answer.text
    assert " ".join(SKARA.log.hex()[n : n + 4] for n in range(0, 32, 4)) in answer.text
    assert_sound(answer)
    assert before == []
    assert agreed.location == "/grannar?klart=ansluter"
    assert (status.log, status.url) == (SKARA.log.hex(), "https://tidan.skara.example")
    assert site.served.node.invites.received[SKARA.log] == bytes(16)
    assert "Skara kommun godkänner er" in page
    assert "Ni har lagt till Skara kommun" in page


async def test_what_was_compared_is_what_is_added(site: Site) -> None:
    """A form whose invite was changed after the comparison is refused."""
    answer = await site.post(JOIN, joining(link(), log=HJO.log.hex(), jamfort="ja"))

    assert answer.status == 400
    assert await site.served.node.operations.neighbours() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "ingen hel inbjudan"),
        ("hej", "ingen hel inbjudan"),
        (link()[:-3], "ingen hel inbjudan"),
        (link("http://127.0.0.1:9"), "bara att nå inifrån ett nät"),
        (link("http://10.0.0.1"), "bara att nå inifrån ett nät"),
        (link("http://intranet"), "bara att nå inifrån ett nät"),
    ],
)
async def test_a_bad_invite_is_told_at_the_field(site: Site, text: str, words: str) -> None:
    """In plain words, with what was typed kept, and the technical part folded."""
    answer = await site.post(JOIN, joining(text))

    assert answer.status == 422
    assert words in answer.text
    assert faults_of(answer) == {"inbjudan"}
    assert "<summary>Teknisk uppgift</summary>" in answer.text
    assert_sound(answer)


async def test_ones_own_and_the_blocked_are_refused(site: Site) -> None:
    """One's own invite, and that of a municipality that was blocked."""
    node = site.served.node
    own = await site.post(JOIN, joining(link(log=node.own_log)))
    await node.standings.decide(SKARA.log, Standing.BLOCKED, "exempel")
    blocked = await site.post(JOIN, joining(link()))

    assert "er egen inbjudan" in own.text
    assert "blockerad hos er" in blocked.text
    assert (own.status, blocked.status) == (422, 422)


@pytest.mark.parametrize(
    ("address", "log", "fields"),
    [
        ("ftp://x", HJO.log.hex(), {"adress"}),
        ("https://tidan.tidaholm.example", HJO.log.hex(), {"adress"}),
        ("http://localhost:8480", HJO.log.hex(), {"adress"}),
        ("http://169.254.169.254", HJO.log.hex(), {"adress"}),
        ("https://tidan.hjo.example", "4f1c", {"id"}),
        ("x", "x", {"adress", "id"}),
        ("", "", {"id"}),
    ],
)
async def test_a_bad_address_is_told_at_the_field(
    site: Site, address: str, log: str, fields: set[str]
) -> None:
    """Each field says what is wrong with it, and nothing is added."""
    answer = await site.post(JOIN, by_address(address, log))

    assert answer.status == 422
    assert faults_of(answer) == fields
    assert await site.served.node.operations.neighbours() == []
    assert_sound(answer)


async def test_joining_by_address(site: Site) -> None:
    """With address and id, or with the id alone when they call us."""
    grouped = " ".join(HJO.log.hex()[n : n + 4] for n in range(0, 64, 4)).upper()
    compare = await site.post(JOIN, by_address("https://TIDAN.hjo.example/", grouped))
    asked = {"log": HJO.log.hex(), "jamfort": "ja"}
    await site.post(JOIN, by_address("https://TIDAN.hjo.example/", grouped, **asked))
    asked = {"log": SKARA.log.hex(), "jamfort": "ja"}
    await site.post(JOIN, by_address("", SKARA.log.hex(), **asked))
    added = {item.log: item.url for item in await site.served.node.operations.neighbours()}

    assert compare.status == 200
    assert added == {HJO.log.hex(): "https://tidan.hjo.example", SKARA.log.hex(): None}


async def test_a_knock_is_approved_on_the_page(site: Site) -> None:
    """With both fingerprints beside the button, and a receipt after it."""
    await knock(site)
    page = await site.get("/grannar")
    answer = await site.post(f"/grannar/{HJO.log.hex()}/svar", {"svar": "godkann"})
    again = await site.post(f"/grannar/{HJO.log.hex()}/svar", {"svar": "godkann"})
    (status,) = await site.served.node.operations.neighbours()

    assert "Vill bli grannar" in page.text
    assert "Fingeravtrycken stämmer, godkänn" in page.text
    assert page.text.count('class="fingerprints"') == 1
    assert_sound(page)
    assert answer.location == "/grannar?klart=godkand"
    assert again.location == "/grannar"
    assert status.log == HJO.log.hex()


async def test_a_knock_is_refused_and_approved_later(site: Site) -> None:
    """Not now moves it down the page, where one can change one's mind."""
    await knock(site)
    answer = await site.post(f"/grannar/{HJO.log.hex()}/svar", {"svar": "inte-nu"})
    page = await site.get("/grannar")

    assert answer.location == "/grannar?klart=inte-nu-granne"
    assert "Vill bli grannar" not in page.text
    assert "Ville bli grannar, inte nu" in page.text
    assert_sound(page)


async def test_a_block_needs_a_reason(site: Site) -> None:
    """Without one the page says so at the field; with one it is done."""
    await knock(site)
    path = f"/grannar/{HJO.log.hex()}/svar"
    empty = await site.post(path, {"svar": "blockera", "skal": " "})
    long = await site.post(path, {"svar": "blockera", "skal": "x" * 501})
    done = await site.post(path, {"svar": "blockera", "skal": "ingen där har frågat"})
    page = (await site.get("/grannar")).text

    assert (empty.status, long.status) == (422, 422)
    assert f'id="fel-knackar-{HJO.log.hex()}"' in empty.text
    assert f'href="#skal-knackar-{HJO.log.hex()}"' in empty.text
    assert_sound(empty)
    assert done.location == "/grannar?klart=aldrig"
    assert "ingen där har frågat" in page


async def test_a_rival_is_pointed_out(site: Site) -> None:
    """Two logs of one municipality: whoever decides is told to call first."""
    await site.receive(LogMaker(7, code="1497", name="Hjo kommun"))
    await knock(site)

    assert "säger sig redan vara Hjo" in (await site.get("/grannar")).text


async def test_readers_see_and_do_not_decide(site: Site) -> None:
    """A reader sees who waits and no button; the forms refuse."""
    await knock(site)
    reader = await site.signed_in(Role.EDITOR)
    page = await reader.get("/grannar")
    answers = [
        await reader.post(f"/grannar/{HJO.log.hex()}/svar", {"svar": "godkann"}),
        await reader.post(ADDRESS, {"till": "Hjo", "dagar": "7"}),
        await reader.post(JOIN, joining(link())),
        await reader.get(ADDRESS),
        await reader.post(f"/grannar/{HJO.log.hex()}/ta-bort"),
    ]

    assert "Vill bli grannar" in page.text
    assert "Fingeravtrycken stämmer, godkänn" not in page.text
    assert "Bjud in en kommun" not in page.text
    assert {answer.status for answer in answers} == {403}


async def test_removal_says_what_stays(site: Site) -> None:
    """A page before, a reason that is kept, and nothing but the neighbour goes."""
    node = site.served.node
    await site.receive(HJO)
    await node.operations.add_neighbour(HJO.log.hex())
    path = f"/grannar/{HJO.log.hex()}/ta-bort"
    page = await site.get(path)
    long = await site.post(path, {"skal": "x" * 501})
    answer = await site.post(path, {"skal": "de har bytt server"})
    row = (await node.audit.newest(1))[0]
    view = node.directory.get(HJO.log)

    assert "Ta bort Hjo som granne?" in page.text
    assert "som medlem ändras inte" in page.text
    assert_sound(page)
    assert long.status == 422
    assert answer.location == "/grannar?klart=borttagen"
    assert (row.action, row.detail) == ("neighbour remove", "de har bytt server")
    assert view is not None
    assert view.standing is Standing.MEMBER
    assert (await site.get(path)).status == 404


async def test_an_introduction_is_taken_back_on_the_page(site: Site) -> None:
    """It is listed, and goes with a reason that all can read."""
    node = site.served.node
    await node.operations.add_neighbour(HJO.log.hex())
    await site.receive(HJO)
    await node.introductions.review()
    await node.projector.settled()
    path = f"/grannar/{HJO.log.hex()}/introduktion"
    listed = (await site.get("/grannar")).text
    page = await site.get(path)
    empty = await site.post(path, {"skal": ""})
    unfit = await site.post(path, {"skal": "a\u202eb"})
    answer = await site.post(path, {"skal": "ny server kommer"})

    assert "Era introduktioner" in listed
    assert f'href="{path}"' in listed
    assert "Ta tillbaka introduktionen av Hjo?" in page.text
    assert_sound(page)
    assert (empty.status, unfit.status) == (422, 422)
    assert answer.location == "/grannar?klart=introduktion-tillbaka"
    assert await node.operations.own_introductions() == []
    assert (await site.get(path)).status == 404


async def test_the_audit_says_it_in_words(site: Site) -> None:
    """Each decision is listed for operators, with who, what and why."""
    await site.post(ADDRESS, {"till": "Mariestad", "dagar": "7"})
    await knock(site)
    await site.post(f"/grannar/{HJO.log.hex()}/svar", {"svar": "inte-nu"})
    await site.post(f"/grannar/{HJO.log.hex()}/svar", {"svar": "godkann"})
    page = (await (await site.signed_in(Role.OPERATOR)).get("/anvandare/handelser")).text

    for words in (
        "gjorde en inbjudan till",
        "Mariestad",
        "valde att inte nu bli granne med",
        "godkände, efter jämförda fingeravtryck,",
        "la till granne",
    ):
        assert words in page


async def test_two_nodes_meet_through_their_pages(tmp_path: Path) -> None:
    """The link that one page shows is the one that the other takes."""
    async with open_site(tmp_path / "a") as skara, nodes(tmp_path / "b", "Hjo kommun") as (served,):
        hjo = await Site(served, skara._session).signed_in(Role.FEDERATION_ADMIN)
        shown = await skara.post(ADDRESS, {"till": "Hjo kommun", "dagar": "7"})
        found = re.search(r"http://[\d.:]+/inbjudan#[\w-]+", shown.text)
        assert found is not None
        asked = {"log": skara.served.log, "jamfort": "ja"}
        answer = await hjo.post(JOIN, joining(found[0], **asked))

    assert answer.location == "/grannar?klart=ansluter"
