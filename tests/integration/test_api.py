"""The JSON API: what it tells to whom, by page, with the same rights and counts as the pages."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from content_factories import an_experience
from factories import LogMaker
from node.api.record_shapes import Record, RecordList
from node.web.listing import LIST_PATH
from protocol.content import Comment, Helped, Interest, Use, Withdraw
from protocol.directory import Standing
from storage.account_views import Role
from storage.api_token_store import Scope
from web_site import Answer, Site, open_site, with_hjo, write

API = "/api/v1"
PROBLEM = "application/problem+json"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm, as a program without a token meets it."""
    async with open_site(tmp_path) as opened:
        yield opened.signed_out()


async def read(site: Site, path: str, **headers: str) -> Any:
    """A document of the API."""
    answer = await site.get(API + path, **headers)
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    return json.loads(answer.text)


async def bearer(site: Site, scope: Scope = Scope.READ_FEDERATION) -> dict[str, str]:
    """The header of a new token."""
    made = await site.served.node.api_tokens.make("Exempel", scope, "test")
    return {"Authorization": f"Bearer {made.text}"}


def problem(answer: Answer, status: int, code: str) -> Any:
    """A refusal, which must be a whole problem document."""
    found = json.loads(answer.text)
    assert (answer.status, found["code"]) == (status, code), found
    assert answer.headers["Content-Type"] == PROBLEM
    assert found["status"] == status
    assert found["type"] == f"/api#{code}"
    assert found["title"]
    assert found["detail"]
    assert found["advice"]
    return found


async def fill(site: Site) -> str:
    """Records of three municipalities; returns the id of one of Hjo's."""
    for number in range(3):
        await site.publish(title=f"Exempel {number}", area="digital.moln", status="drift")
    await site.publish(title="Exempel: vem vet?", type="fraga", area="skola.vux-sfi")
    skara = LogMaker(3, code="1495", name="Skara kommun")
    write(skara, "experience", an_experience(title="Exempel: fiber", area="teknik"))
    await site.receive(skara)
    return await with_hjo(site, title="Exempel: lås", area="aldre.hemtjanst")


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("", ""),
        ("?q=fiber", "?q=fiber"),
        ("?area=digital", "?amne=digital"),
        ("?area=aldre.hemtjanst&status=pilot", "?amne=aldre.hemtjanst&status=pilot"),
        ("?type=fraga", "?typ=fraga"),
        ("?municipality=1497", "?kommun=1497"),
        ("?place=skaraborg&group=liknar-oss", "?trakt=skaraborg&grupp=liknar-oss"),
        ("?q=finns+inte", "?q=finns+inte"),
        ("?year=2026", "?ar=2026"),
        ("?year=2026-11", "?ar=2026-11"),
        ("?collaboration_open=true", "?oppen=1"),
        ("?answers=saknas", "?svar=saknas"),
        ("?product=exempel", "?produkt=exempel"),
    ],
)
async def test_a_list_is_that_of_the_pages(site: Site, asked: str, page: str) -> None:
    """Each filter lists the same records, in the same order, as on the page."""
    await fill(site)
    found = await read(site, f"/records{asked}")
    shown = (await site.get(LIST_PATH + page)).text
    ids = list(dict.fromkeys(re.findall(r'href="/erfarenheter/([0-9a-f]{64})', shown)))

    assert [item["id"] for item in found["items"]] == ids
    assert found["total"] == len(ids)
    RecordList.model_validate_json(json.dumps(found))


async def test_every_choice_lists_as_many_as_it_says(site: Site) -> None:
    """The counts beside the choices equal the lists that the choices open."""
    await fill(site)
    facets = (await read(site, "/records?area=digital"))["facets"]
    counted = {(name, one["code"]): one["records"] for name in facets for one in facets[name]}
    assert len(counted) > 8

    for (name, code), records in counted.items():
        kept = "" if name == "area" else "&area=digital"
        listed = await read(site, f"/records?{name}={code}{kept}")
        assert listed["total"] == records, (name, code)


async def test_a_list_is_read_page_by_page(site: Site) -> None:
    """Following `next` from the first page on gives each record once, and then ends."""
    await fill(site)
    path, seen = f"{API}/records?page_size=4", []
    while path:
        answer = await site.get(path)
        page = json.loads(answer.text)
        seen += [item["id"] for item in page["items"]]
        found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])
        links = {relation: address for address, relation in found}
        assert links.get("next") == page["next"]
        path = (page["next"] or "").removeprefix(site.base)
    assert len(seen) == len(set(seen)) == 6
    assert links["first"].endswith("page_size=4&page=1")
    assert links["prev"] == links["first"]

    problem(await site.get(f"{API}/records?page_size=4&page=3"), 404, "not_found")


async def test_a_record_is_told_whole(site: Site) -> None:
    """Text, versions, and what others answered; an earlier version by its id."""
    first = await site.publish(title="Exempel: först", situation="**Så** var det.")
    await site.publish(title="Exempel: sedan", replaces=first)
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    asked = write(hjo, "comment", Comment(record=first, kind="question", text="Hur?"))
    gone = write(hjo, "comment", Comment(record=first, text="Fel."))
    write(hjo, "withdraw", Withdraw(target=gone, reason="Fel tråd."))
    write(hjo, "use", Use(record=first, since_year=2024, note="Sedan i våras."))
    write(hjo, "interest", Interest(record=first, interest="samverka"))
    write(hjo, "helped", Helped(record=first, reused="Mallen."))
    await site.receive(hjo)
    found = await read(site, f"/records/{first}")
    before = await read(site, f"/records/{first}?version={first}")

    Record.model_validate_json(json.dumps(found))
    assert (found["title"], found["content"]["title"]) == ("Exempel: sedan", "Exempel: sedan")
    versions = [one["id"] for one in found["history"]]
    assert (versions[0], len(versions)) == (first, 2)
    assert (found["version"], found["is_current"]) == (versions[1], True)
    assert (before["version"], before["is_current"]) == (first, False)
    assert before["content"]["situation"] == "**Så** var det."
    texts = {one["id"]: (one["text"], one["withdrawn"]) for one in found["discussion"]}
    assert texts == {asked: ("Hur?", None), gone: (None, "Fel tråd.")}
    assert found["used_by"][0]["since_year"] == 2024
    assert found["interested"][0]["municipality"] == {"code": "1497", "name": "Hjo"}
    assert found["helped_by"][0]["reused"] == "Mallen."
    evidence = found["evidence_url"].removeprefix(site.base)
    assert (await site.get(evidence)).status == 200
    assert (await site.get(found["url"].removeprefix(site.base))).status == 200


async def test_what_is_withdrawn_is_told_without_its_text(site: Site) -> None:
    """As on its page, the reason is there and the text is not."""
    record = await site.publish(title="Exempel: fel", situation="Borta.")
    withdraw = Withdraw(target=record, reason="Fel siffror.")
    await site.served.node.publisher.publish("withdraw", withdraw)
    found = await read(site, f"/records/{record}")

    assert found["withdrawn"] == "Fel siffror."
    assert found["content"] is None
    assert (await read(site, "/records"))["total"] == 0


async def test_who_sees_what(site: Site) -> None:
    """Without a token only what is public, with one what is for members, never what is blocked."""
    hidden = await with_hjo(site, title="Exempel: internt", visibility="federation")
    await site.publish(title="Exempel: öppet")
    token = await bearer(site)

    assert [one["title"] for one in (await read(site, "/records"))["items"]] == ["Exempel: öppet"]
    problem(await site.get(f"{API}/records/{hidden}"), 404, "not_found")
    assert (await read(site, "/municipalities/1497"))["records"] == 0
    assert (await read(site, "/records", **token))["total"] == 2
    assert (await read(site, f"/records/{hidden}", **token))["visibility"] == "federation"
    assert (await read(site, "/municipalities/1497", **token))["records"] == 1
    log = bytes.fromhex((await read(site, f"/records/{hidden}", **token))["log"])
    await site.served.node.standings.decide(log, Standing.BLOCKED, "Exempel", "test")
    problem(await site.get(f"{API}/records/{hidden}", **token), 404, "not_found")
    assert (await read(site, "/records", **token))["total"] == 1
    problem(await site.get(f"{API}/logs/{log.hex()}", **token), 404, "not_found")
    admin = await bearer(site, Scope.ADMIN)
    assert (await read(site, f"/logs/{log.hex()}", **admin))["standing"] == "blocked"


async def test_a_session_counts_for_nothing(site: Site) -> None:
    """A browser that is signed in reads over the API what everybody does."""
    await with_hjo(site, visibility="federation")
    cookie = (await site.signed_in(Role.OPERATOR)).cookie

    assert (await read(site, "/records", Cookie=cookie))["total"] == 0


async def test_neighbours_are_for_administrators(site: Site) -> None:
    """How it goes with neighbours needs a token of scope admin, and then tells it."""
    path = f"{API}/neighbours"
    await with_hjo(site)
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    await site.served.node.operations.add_neighbour(hjo.log.hex(), "http://127.0.0.1:9", "Hjo")
    unknown = await site.get(path)
    narrow = await site.get(path, **await bearer(site))
    problem(unknown, 401, "token_needed")
    problem(narrow, 403, "scope_needed")
    (neighbour,) = (await read(site, "/neighbours", **await bearer(site, Scope.ADMIN)))["items"]

    assert unknown.headers["WWW-Authenticate"] == 'Bearer realm="Tidan"'
    assert 'scope="admin"' in narrow.headers["WWW-Authenticate"]
    assert (neighbour["log"], neighbour["name"]) == (hjo.log.hex(), "Hjo kommun")
    assert neighbour["connected"] is False


async def test_tokens_end_and_are_kept_nowhere(site: Site) -> None:
    """A revoked token works no more; database, files and log lines hold none."""
    tokens = site.served.node.api_tokens
    made = await tokens.make("Exempel", Scope.READ_FEDERATION, "test")
    header = {"Authorization": f"Bearer {made.text}"}
    await read(site, "/records", **header)
    assert (await tokens.all())[0].used_ms is not None
    await tokens.revoke(made.number, "test")
    refused = await site.get(f"{API}/records", **header)
    problem(refused, 401, "token_refused")
    files = [path for path in site.served.folder.rglob("*") if path.is_file()]

    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    assert not [path for path in files if made.text.encode() in path.read_bytes()]
    assert made.text not in site.served.log_lines.getvalue()


@pytest.mark.parametrize(
    "said", ["Bearer", "Bearer ", "Bearer nej", "Basic b2xsZTpo", "tidan_x", "bearer å"]
)
async def test_what_is_no_token_is_refused(site: Site, said: str) -> None:
    """Whoever sends something to be known by is never read as nobody."""
    problem(await site.get(f"{API}/records", Authorization=said), 401, "token_refused")


async def test_a_closed_node_is_closed_here_too(tmp_path: Path) -> None:
    """Where reading needs signing in, everything here needs a token, the document included."""
    async with open_site(tmp_path, read_access="signed-in") as opened:
        site = opened.signed_out()
        await site.publish(title="Exempel: egen")
        for path in (f"{API}/records", f"{API}/logs", f"{API}/openapi.json", "/dcat"):
            problem(await site.get(path), 401, "token_needed")

        assert (await read(site, "/records", **await bearer(site)))["total"] == 1


async def test_nothing_is_sent_twice(site: Site) -> None:
    """Who names what they have gets 304 until something changes."""
    await site.publish(title="Exempel: först")
    etag = (await site.get(f"{API}/records")).headers["ETag"]
    again = await site.get(f"{API}/records", If_None_Match=f'"x", {etag}')
    await site.publish(title="Exempel: sedan")
    changed = await site.get(f"{API}/records", If_None_Match=etag)

    assert (again.status, again.text, again.headers["ETag"]) == (304, "", etag)
    assert changed.status == 200
    assert changed.headers["ETag"] != etag


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/records?sida=2", 400, "unknown_parameter"),
        ("/records?page=0", 422, "bad_parameter"),
        ("/records?page=1e2", 422, "bad_parameter"),
        ("/records?page=100001", 422, "bad_parameter"),
        ("/records?page_size=201", 422, "bad_parameter"),
        ("/records?type=roman", 422, "bad_parameter"),
        ("/records?status=", 422, "bad_parameter"),
        ("/records?municipality=14", 422, "bad_parameter"),
        ("/records?area=ALDRE", 422, "bad_parameter"),
        ("/records?place=norrland", 422, "bad_parameter"),
        ("/records?group=alla", 422, "bad_parameter"),
        ("/records?q=%00", 422, "bad_parameter"),
        ("/records?q=" + "a" * 201, 422, "bad_parameter"),
        ("/records?year=26", 422, "bad_parameter"),
        ("/records?collaboration_open=1", 422, "bad_parameter"),
        ("/records?q=a&q=b", 422, "bad_parameter"),
        ("/municipalities/1497?q=a", 400, "unknown_parameter"),
        ("/municipalities/0000", 404, "not_found"),
        ("/records/" + "a" * 64, 404, "not_found"),
        ("/records/" + "a" * 64 + "?version=b", 422, "bad_parameter"),
        ("/records/abc", 404, "not_found"),
        ("/logs/" + "a" * 64, 404, "not_found"),
        ("/finns-inte", 404, "not_found"),
        ("/openapi.json?x", 400, "unknown_parameter"),
    ],
)
async def test_what_is_wrong_is_said(site: Site, path: str, status: int, code: str) -> None:
    """Unknown and bad parameters, and what is not there, are problems that say what to do."""
    found = problem(await site.get(API + path), status, code)

    assert bool(found["errors"]) == (status in (400, 422))


async def test_other_methods_and_formats(site: Site) -> None:
    """HEAD tells what GET would; what writes is told that nothing is; XML is not to be had."""
    whole = await site.get(f"{API}/records")
    async with site._session.head(site.base + f"{API}/records") as head:
        assert head.status == 200
        assert head.headers["ETag"] == whole.headers["ETag"]
        assert await head.read() == b""
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        async with site._session.request(method, site.base + f"{API}/records") as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "GET,HEAD")
            assert (await answer.json(content_type=PROBLEM))["code"] == "method_not_allowed"
    problem(await site.get(f"{API}/records", Accept="text/xml"), 406, "not_acceptable")
    problem(await site.get(f"{API}/records", Host="angripare.example"), 421, "wrong_host")

    assert (await site.get(f"{API}/records", Accept="text/html, */*;q=0.1")).status == 200


async def test_the_page_says_what_the_document_says(site: Site) -> None:
    """Every address, parameter and code of the document stands on the page for people."""
    page = (await site.get("/api")).text
    document = await read(site, "/openapi.json")
    parameters = {
        one["name"]
        for path in document["paths"].values()
        for one in path["get"].get("parameters", [])
    }

    assert [path for path in document["paths"] if path not in page] == []
    assert [name for name in parameters if f"<code>{name}</code>" not in page] == []
    assert 'id="bad_parameter"' in page
    assert document["openapi"].startswith("3.1")
