"""Every page of a real node: readable, safe, and honest about what it did."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from node.web.pages.help_pages import PAGES
from node_factories import until
from protocol.content import Comment, Introduction, Use
from protocol.directory import Standing
from storage.account_views import Role
from storage_factories import spoil_run
from web_site import FORM, Page, Site, assert_sound, open_site, with_hjo, write

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm that knows Hjo's log."""
    async with open_site(tmp_path) as opened:
        yield opened


async def addresses(site: Site) -> list[str]:
    """One address of every page there is, with something to show on each."""
    own = await site.publish(title="Exempel: egen", tags=("larm",), valid_until="2020-01-01")
    foreign = await with_hjo(site, title="Exempel: granne", situation="**Läget** var så.")
    return [
        *("/", "/erfarenheter", "/erfarenheter?q=exempel&amne=aldre&status=pilot", "/kommuner"),
        *("/erfarenheter?q=finns-inte", "/kommuner/1498-tidaholm", "/kommuner/1499-falkoping"),
        *("/skriv", "/grannar", "/om", f"/skriv/klart/{own}"),
        *("/konto", "/anvandare", "/anvandare/handelser"),
        *("/tillganglighet", "/tillganglighet/synpunkter"),
        *("/hjalp", *(page.url for page in PAGES)),
        f"/erfarenheter/{own}/exempel-egen",
        f"/erfarenheter/{foreign}/exempel-granne",
        f"/erfarenheter/{own}/andra",
        f"/erfarenheter/{own}/aterkalla",
    ]


async def test_every_page_is_sound(site: Site) -> None:
    """Pages have one heading, labels, unique ids, nothing inline and nothing from elsewhere."""
    for address in await addresses(site):
        answer = await site.get(address)

        assert answer.status == 200, address
        assert_sound(answer)


async def test_no_link_of_our_own_is_dead(site: Site) -> None:
    """Every link into the site leads to a page."""
    links: set[str] = set()
    for address in await addresses(site):
        links |= set(Page((await site.get(address)).text).links)

    for link in sorted(link for link in links if link.startswith("/")):
        assert (await site.get(link)).status in (200, 301), link


async def test_own_origin_is_enough_for_browsers_without_fetch_metadata(site: Site) -> None:
    """A browser that sends only Origin can still publish."""
    answer = await site.post("/skriv", FORM, {"Origin": site.served.url})

    assert answer.status == 200


async def test_foreign_names_of_this_machine_are_refused(site: Site) -> None:
    """A name that another site points at loopback reaches nothing."""
    answer = await site.get("/", Host="angripare.example")

    assert answer.status == 421
    assert "Tidaholm har delat" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/finns-inte", 404),
        (f"/erfarenheter/{'0' * 64}", 404),
        (f"/erfarenheter/{'0' * 64}/andra", 404),
        (f"/skriv/klart/{'0' * 64}", 404),
        ("/erfarenheter/abc", 404),
        ("/kommuner/9999", 404),
        ("/static/0/tokens.css", 404),
        (f"/grannar/{'0' * 64}/forsok", 405),
        (f"/erfarenheter/{'0' * 64}/kommentarer", 404),
    ],
)
async def test_errors_are_pages_that_help(site: Site, path: str, status: int) -> None:
    """A wrong address says what to do next, under the same headers."""
    answer = await site.get(path)

    assert answer.status == status
    assert_sound(answer)


async def test_what_the_disk_has_changed_is_a_page_too(site: Site) -> None:
    """A record that cannot be read says so calmly, on its page and in the API, and the others still
    work; that it was met is enough to have it looked after."""
    record = await site.publish(title="Exempel: skadad")
    node = site.served.node
    newest = await node.log_store.log(node.own_log)
    assert newest is not None
    assert newest.head is not None
    await spoil_run(node.log_store._database, node.own_log, newest.head.sequence)

    answer = await site.get(f"/erfarenheter/{record}/exempel-skadad")
    assert answer.status == 503
    assert "Texten kan inte läsas just nu" in answer.text
    assert_sound(answer)
    assert (await site.get("/erfarenheter")).status == 200
    assert (await site.get(f"/erfarenheter/{record}/bevis.cbor")).status == 503
    problem = await site.get(f"/api/v1/records/{record}")
    assert (problem.status, json.loads(problem.text)["code"]) == (503, "damaged_log")

    async def is_told() -> bool:
        return "own_log_damaged" in [one.raised.code for one in await node.alerts.look()]

    await until(is_told, "the damage was told")
    page = await site.get("/atgarda")
    assert "En del av er egen logg är skadad på disken" in page.text
    assert "1\N{NO-BREAK SPACE}inlägg kan inte läsas just nu." in page.text


async def test_assets_are_cached_and_typed(site: Site) -> None:
    """Styles and modules carry their digest, a type and the same strict headers."""
    start = await site.get("/")
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', start.text)

    assert len(found) >= 5
    for address in found:
        answer = await site.get(address)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_hostile_text_stays_text(site: Site) -> None:
    """Markup in any field of a neighbour's record is shown, never run."""
    hjo = LogMaker(2, code="1497", name=HOSTILE)
    record = write(
        hjo,
        "experience",
        an_experience(
            title=f"Exempel {HOSTILE}",
            summary=HOSTILE,
            situation=HOSTILE,
            advice="[x](javascript:alert(1))",
            tags=(HOSTILE[:60],),
            links=({"url": "https://exempel.se/?a=1&b=<c>", "title": HOSTILE},),
            products=({"name": HOSTILE, "supplier": HOSTILE},),
            licence=HOSTILE,
            klassa=HOSTILE,
        ),
    )
    write(hjo, "comment", Comment(record=record, text=HOSTILE))
    await site.receive(hjo)
    address = (await site.get(f"/erfarenheter/{record}")).location

    for path in ("/", "/erfarenheter", address, "/kommuner", "/kommuner/1497-hjo", "/grannar"):
        answer = await site.get(path)
        assert answer.status == 200, path
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert 'href="javascript' not in answer.text
        assert_sound(answer)


async def test_an_endless_chain_of_answers_is_a_flat_page(site: Site) -> None:
    """A log with answers to answers without end cannot break the page."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    record = write(hjo, "experience", an_experience())
    before = write(hjo, "comment", Comment(record=record, kind="question", text="Exempel?"))
    for number in range(150):
        answer_to = Comment(record=record, kind="answer", text=f"Svar {number}", answer_to=before)
        before = write(hjo, "comment", answer_to)
    await site.receive(hjo)
    address = (await site.get(f"/erfarenheter/{record}")).location

    answer = await site.get(address)
    assert answer.status == 200
    assert answer.text.count('class="thread"') == 2
    assert_sound(answer)
    last = await site.get(f"{address}?sida=9999")
    assert last.text.count('class="thread"') == 2
    assert "Svar 149" in last.text


async def test_the_id_decides_and_the_slug_redirects(site: Site) -> None:
    """An old or mistyped title in an address still leads to the record."""
    record = await site.publish(title="Exempel: å, ä och ö")

    answer = await site.get(f"/erfarenheter/{record}/fel-ord?version={record}")
    assert answer.status == 301
    assert answer.location == f"/erfarenheter/{record}/exempel-a-a-och-o?version={record}"
    assert (await site.get(answer.location)).status == 200
    assert (await site.get("/kommuner/1497")).location == "/kommuner/1497-hjo"


async def test_counts_equal_the_lists_they_open(site: Site) -> None:
    """Each filter's number is the number of records its link shows."""
    for number in range(24):
        area = ("aldre", "aldre.hemtjanst", "digital.natverk")[number % 3]
        kind = ("erfarenhet", "losning")[number % 2]
        await site.publish(title=f"Exempel {number}", area=area, type=kind)
    await with_hjo(site, area="aldre")
    start = (await site.get("/erfarenheter")).text
    filters = start[start.index('class="filters"') : start.index("</details>")]
    links = re.findall(r'href="([^"]+)".*?class="count">(\d+)<', filters, re.DOTALL)

    assert len(links) >= 6
    for address, count in links:
        shown = (await site.get(address.replace("&amp;", "&"))).text
        assert re.search(rf'class="quiet total"[^>]*>{count}&nbsp;|>{count}\xa0erf', shown), address


async def test_pages_are_numbered(site: Site) -> None:
    """A long list has numbered pages, and the number stands in the title."""
    for number in range(21):
        await site.publish(title=f"Exempel {number}")

    second = await site.get("/erfarenheter?sida=2")
    assert "sida 2 av 2" in second.title
    assert second.text.count('class="row"') == 1
    assert (await site.get("/erfarenheter?sida=99")).status == 200
    assert (await site.get("/sok?q=larm&sida=2")).location == "/erfarenheter?q=larm&sida=2"


async def test_introduced_municipalities_wait_for_a_decision(site: Site) -> None:
    """Lägg till, Inte nu and Aldrig do what they say; Aldrig needs a reason."""
    skara = LogMaker(3, code="1495", name="Skara kommun")
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    write(hjo, "introduction", Introduction(log=skara.log.hex(), code="1495", name="Skara kommun"))
    await site.receive(hjo)
    await site.served.node.introductions.review()
    page = (await site.get("/grannar")).text
    assert "Introducerad av Hjo" in page
    path = f"/grannar/{skara.log.hex()}/beslut"

    assert (await site.post(path, {"beslut": "aldrig"})).status == 422
    assert (await site.post(path, {"beslut": "vet-inte"})).status == 400
    for decision, standing in (
        ({"beslut": "inte-nu"}, Standing.IGNORED),
        ({"beslut": "aldrig", "skal": "Fel avsändare"}, Standing.BLOCKED),
        ({"beslut": "lagg-till"}, Standing.MEMBER),
    ):
        assert (await site.post(path, decision)).status == 303
        view = site.served.node.directory.get(skara.log)
        assert view is not None
        assert view.standing is standing


async def test_neighbours_are_described_in_words(site: Site) -> None:
    """An unreachable neighbour says so in a sentence, and can be paused and resumed."""
    other = LogMaker(4, code="1496", name="Skövde kommun")
    operations = site.served.node.operations
    await operations.add_neighbour(other.log.hex(), "http://127.0.0.1:9", "Skövde")

    assert "Ingen kontakt" in (await site.get("/grannar")).text
    await site.post(f"/grannar/{other.log.hex()}/pausa")
    assert "Pausad här" in (await site.get("/grannar")).text
    await site.post(f"/grannar/{other.log.hex()}/ateruppta")
    assert "Pausad här" not in (await site.get("/grannar")).text


async def test_what_is_for_member_municipalities_needs_signing_in(site: Site) -> None:
    """The public reads what is public and nothing else, on every page and in every count."""
    hidden = await site.publish(title="Exempel: bara anslutna", visibility="federation")
    await site.publish(title="Exempel: öppen")
    public = site.signed_out()

    for path in ("/", "/erfarenheter", "/kommuner/1498-tidaholm"):
        shown = (await public.get(path)).text
        assert "Exempel: öppen" in shown
        assert "Exempel: bara anslutna" not in shown
    assert (await public.get(f"/erfarenheter/{hidden}")).status == 404
    reader = await site.signed_in(Role.READER)
    assert "Exempel: bara anslutna" in (await reader.get("/erfarenheter")).text


async def test_an_empty_network_says_what_to_do(site: Site) -> None:
    """The first visit ends in a next step, on every page that could be empty."""
    assert "Skriv den första" in (await site.get("/")).text
    assert "Skriv den första" in (await site.get("/erfarenheter")).text
    assert "Bjud in en kommun" in (await site.get("/grannar")).text
    assert "Ställ en fråga" in (await site.get("/erfarenheter?q=fiber")).text


async def test_use_of_an_unknown_record_does_not_show(site: Site) -> None:
    """A response to a record that has not come here yet harms no page."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    write(hjo, "use", Use(record="ab" * 32))
    await site.receive(hjo)

    assert (await site.get("/kommuner/1497-hjo")).status == 200
