"""What a node is before anybody has set anything: no account, no known secret, no way in."""

from __future__ import annotations

import ast
import re
import stat
from pathlib import Path

import aiohttp
import pytest

from factories import LogMaker
from node.ground.data_folder import DataFolder
from node_factories import TestNode, nodes
from web_site import SAME_ORIGIN, Site, open_site

TREE = Path(__file__).resolve().parents[2]
DOCKER = TREE / "docker"


async def test_cve_2026_24044_two_fresh_nodes_share_no_secret(tmp_path: Path) -> None:
    """CVE-2026-24044, CVE-2022-24706: keys, next keys, logs, epochs and first links are each node's
    own, and every secret lies where its owner alone can read it.
    """
    async with nodes(tmp_path, "Ena", "Andra") as (one, other):
        secrets: list[list[object]] = []
        for item in (one, other):
            folder = DataFolder(item.settings.data)
            link = await item.node.operations.setup_link()
            assert link is not None
            secrets.append([
                folder.key_file.load(), item.sheet_seed, item.log_id,
                link.url.rpartition("/")[2],
            ])  # fmt: skip
            modes = {path.name: stat.S_IMODE(path.stat().st_mode)
                     for path in item.settings.data.iterdir()}  # fmt: skip
            assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}

    assert [a for a, b in zip(*secrets, strict=True) if a == b] == []


async def test_cve_2019_5885_a_fresh_node_lets_nobody_in(tmp_path: Path) -> None:
    """CVE-2019-5885, CVE-2022-24706: there is no account, so nothing typed signs in; whoever is not
    signed in reads what is public and does nothing, and no neighbour is there.
    """
    served = await TestNode(tmp_path, "9001", "Exempelby").start()
    try:
        assert not await served.node.account_store.has_operator()
        assert await served.node.operations.neighbours() == []
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            site = Site(served, session)
            for name, password in (("admin", "admin"), ("root", "")):
                answer = await site.post("/logga-in", {"namn": name, "losenord": password})
                assert "Set-Cookie" not in answer.headers
            page = await site.get("/anvandare")
            made = await site.post("/anvandare", {"namn": "jag"}, SAME_ORIGIN)
    finally:
        await served.stop()

    assert (page.status, made.status) == (303, 403)


def test_cve_2022_24706_the_container_has_no_privilege() -> None:
    """As the files say that build and start it: a numbered user, a read-only root, no capability,
    and ports on loopback. That it starts so is shown where it is built.
    """
    image, compose = (DOCKER / "Dockerfile").read_text(), (DOCKER / "compose.yaml").read_text()

    assert re.findall(r"^USER (.+)$", image, re.MULTILINE) == ["10480:10480"]
    assert "read_only: true" in compose
    assert "cap_drop: [ALL]" in compose
    assert "no-new-privileges:true" in compose
    assert all(port.startswith("127.0.0.1:") for port in re.findall(r'ports: \["([^"]+)"', compose))


FORBIDDEN_MODULES = {"subprocess", "pickle", "marshal", "shelve", "ctypes", "runpy"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "import_module", "system", "popen"}
FORBIDDEN_CALLS |= {"write_settings_file"}
_CALLED_BY_NAME = {"os", "importlib"}


@pytest.mark.parametrize("room", ["web", "api", "operations", "sync"])
def test_cve_2018_8007_no_page_becomes_a_command(room: str) -> None:
    """CVE-2018-8007, CVE-2017-12636: nothing that a page, the API or a neighbour reaches starts a
    program, loads code by name or writes settings; settings are read once, and never change.
    """
    found = set()
    for path in (TREE / "node" / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
            elif isinstance(node, ast.Call):
                called = node.func
                name = getattr(called, "id", "") or (
                    getattr(called, "attr", "") if _is_of_os(called) else ""
                )
                found.add(f"{name}()")

    assert found & (FORBIDDEN_MODULES | {f"{name}()" for name in FORBIDDEN_CALLS}) == set()
    assert len(found) > 10


def _is_of_os(called: ast.expr) -> bool:
    """Whether a call is of a function of `os` or `importlib`; `re.compile` is another matter."""
    return isinstance(called, ast.Attribute) and getattr(called.value, "id", "") in _CALLED_BY_NAME


async def test_cve_2023_42451_a_look_alike_is_shown_by_its_code_and_key(tmp_path: Path) -> None:
    """CVE-2023-42451, CVE-2023-36462: who knocks as "Sкara" (one letter Cyrillic) with Skara's
    kommunkod is shown under the official name of that code, as somebody who only says so, with the
    fingerprint to compare; with a code of its own its name stands beside the same fingerprint.
    """
    deceiving = "S\u043aara kommun"
    twin, stranger = LogMaker(7, code="1495", name=deceiving), LogMaker(8, code="9108")
    async with open_site(tmp_path) as site:
        node = site.served.node
        for maker, code in ((twin, "1495"), (stranger, "9108")):
            await node.neighbours.knock(maker.log, code, deceiving, node.clock.time_ms())
        page = (await site.get("/grannar")).text

    assert page.count("<h3>Skara</h3>") == 1
    assert page.count(f"<h3>{deceiving}</h3>") == 1
    for maker in (twin, stranger):
        assert maker.log[:2].hex() in page
    assert "läs upp fingeravtrycken för varandra" in page


async def test_https_is_remembered_at_our_own_address_only(tmp_path: Path) -> None:
    """ASVS V3.4.1: what is asked at the https address says so for two years; http is left alone."""
    async with open_site(tmp_path, public_url="https://tidan.tidaholm.se") as site:
        public = await site.get("/hjalp", Host="tidan.tidaholm.se")
        local = await site.get("/hjalp")

    expected = "max-age=63072000; includeSubDomains"
    assert public.headers["Strict-Transport-Security"] == expected
    assert "Strict-Transport-Security" not in local.headers


async def test_every_answer_carries_the_policy_headers(tmp_path: Path) -> None:
    """ASVS V3.4.3 to V3.4.6: pages, files, feeds, the API, redirects, errors and probes."""
    async with open_site(tmp_path) as site:
        for path in ("/hjalp", "/finns-inte", "/anvandare", "/sok", "/api/v1/records", "/healthz",
                     "/erfarenheter/flode.atom", "/erfarenheter/export.csv", "/sync/v1",
                     "/favicon.ico", "/dcat.ttl", "/filer/" + "0" * 64 + "/a.txt"):  # fmt: skip
            headers = (await site.get(path)).headers
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
            assert "base-uri 'none'" in headers["Content-Security-Policy"], path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Referrer-Policy"] == "same-origin", path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert "private" in headers["Cache-Control"] or "public" not in headers["Cache-Control"]
