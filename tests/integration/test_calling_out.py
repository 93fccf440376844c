"""Where a node calls: the address that is connected to decides, however it was written or found."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientConnectorError, web

from content_factories import an_experience
from factories import LogMaker
from node.addresses import EVERYWHERE
from node.alerts.certificates import read_validity
from node.alerts.guarded_fetch import FetchError, Guard, fetch_small
from node.config import load_settings
from node.errors import SettingsError
from node.guarded_socket import ForbiddenAddressError, guarded_socket
from node.operations.neighbour_status import NeighbourStatus
from node.origins import normalise_origin
from node.sync.words import INNER_ADDRESS, LEADS_ELSEWHERE
from node_factories import LOOPBACK_NETWORKS, TestNode, nodes, until
from odd_servers import tcp_server, web_server
from protocol import strict_json
from protocol.content import Introduction
from protocol.identity import fingerprint
from web_site import open_site, write

# Each reaches this machine, or what is beside it, when it is asked for as it stands.
SPELLINGS = (
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1",
    "0x7f.0x0.0x0.0x1", "0177.0.0.1", "0177.1", "017700000001", "127.0.0.1.", "localhost",
    "LOCALHOST", "localhost.", "①②⑦.⓪.⓪.①", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]", "[::127.0.0.1]", "[::7f00:1]",
    "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]",
    "[2001:0:7f00:1::]", "[::]", "0.0.0.0", "0", "0x0", "[::ffff:0.0.0.0]", "10.255.255.1",
    "172.16.255.1", "192.168.255.1", "100.64.0.1", "169.254.169.254", "[::ffff:169.254.169.254]",
    "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "192.0.0.8", "198.18.0.1", "224.0.0.1",
    "255.255.255.255", "[ff02::1]",
)  # fmt: skip


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, list[str]]]:
    """A port on loopback, and who has called it; both for IPv4 and for what maps to it."""
    callers: list[str] = []

    async def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(str(writer.get_extra_info("peername")[0]))
        writer.close()

    async with tcp_server(note) as port:
        yield port, callers


async def call(host: str, port: int, **guard: Any) -> str:
    """Call a host as the dialler does; returns the name of what came of it."""
    try:
        origin = normalise_origin(f"http://{host}:{port}")
    except ValueError:
        return "no address"
    connector = aiohttp.TCPConnector(socket_factory=guarded_socket(**guard))
    async with aiohttp.ClientSession(connector=connector) as session:
        try:
            async with session.get(origin):
                return "answered"
        except ClientConnectorError as error:
            return type(error.os_error).__name__
        except aiohttp.InvalidURL:
            return "no address"
        except aiohttp.ClientError:
            return "called"


@pytest.mark.parametrize("host", SPELLINGS)
async def test_cve_2026_46348_no_spelling_leads_inside(host: str) -> None:
    """CVE-2026-46348, CVE-2026-22245: none of the ways to write an inner address opens a socket."""
    async with listening() as (port, callers):
        came_to = await call(host, port)

    assert callers == []
    assert came_to in ("no address", "ForbiddenAddressError", "InnerAddressError", "gaierror")


async def test_a_named_network_is_called() -> None:
    """The same spelling gets through where the network is named, so that the check can fail."""
    async with listening() as (port, callers):
        assert await call("127.0.0.1", port, inner=EVERYWHERE) == "called"
        assert await call("0x7f.1", port, inner=EVERYWHERE) == "called"

    assert set(callers) == {"127.0.0.1"}


def changing_answers(*addresses: str) -> Callable[..., list[Any]]:
    """A resolver of the system that gives each answer in turn, and the last one for ever."""
    left = list(addresses)

    def answer(_host: str, port: int, *_: object, **__: object) -> list[Any]:
        address = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    return answer


async def test_cve_2026_58508_a_name_cannot_change_its_mind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """CVE-2026-58508, CVE-2026-70357: a name that was public a moment ago and is now this machine
    is refused, for each of the ways out.
    """
    async with listening() as (port, callers):
        monkeypatch.setattr(socket, "getaddrinfo", changing_answers("192.0.1.1", "127.0.0.1"))
        assert socket.getaddrinfo("evil.example", port)[0][4][0] == "192.0.1.1"

        came_to = await call("evil.example", port)
        with pytest.raises(FetchError):
            await fetch_small(f"https://evil.example:{port}/", 100, Guard(port=port))
        validity = await read_validity(f"https://evil.example:{port}")

    assert (came_to, validity, callers) == ("InnerAddressError", None, [])


async def status_of(node: TestNode, cause: str) -> NeighbourStatus:
    """The state of the only neighbour, once it has this cause."""

    async def said() -> bool:
        (status,) = await node.node.operations.neighbours()
        return status.cause == cause

    await until(said, f"a page says: {cause}")
    return (await node.node.operations.neighbours())[0]


async def test_a_node_calls_no_inner_neighbour_unless_told_to(tmp_path: Path) -> None:
    """As a node is set up by default, a neighbour on this machine is not called, and it says so."""
    async with listening() as (port, callers):
        async with nodes(tmp_path, "Exempelby", neighbour_networks=()) as (node,):
            await node.node.operations.add_neighbour("ab" * 32, f"http://localhost:{port}")
            status = await status_of(node, INNER_ADDRESS)
        assert callers == []

    assert not status.connected


async def test_cve_2026_47265_calls_carry_nothing_from_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CVE-2026-47265, CVE-2026-34518, CVE-2026-104636: a redirect is not followed, and the next
    call brings no cookie, password or proxy along.
    """
    asked: list[web.BaseRequest] = []

    async def redirect(request: web.Request) -> web.StreamResponse:
        asked.append(request)
        answer = web.HTTPFound("http://user:word@127.0.0.1:1/elsewhere")
        answer.set_cookie("tidan", "kept")
        raise answer

    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login tidan password hemligt\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with web_server(redirect) as url, nodes(tmp_path, "Exempelby") as (node,):
        await node.node.operations.add_neighbour("ab" * 32, url)
        await status_of(node, LEADS_ELSEWHERE)
        await node.node.operations.try_neighbour_now("ab" * 32)

        async def twice() -> bool:
            return len(asked) > 1

        await until(twice, "the neighbour was called a second time")

    named = {name.lower() for request in asked for name in request.headers}
    assert not named & {"cookie", "authorization", "proxy-authorization", "referer", "origin"}
    assert {request.path for request in asked} == {"/sync/v1"}


async def test_cve_2026_27477_no_entry_makes_a_node_call(tmp_path: Path) -> None:
    """CVE-2026-27477, CVE-2024-37303: neither an introduction's address nor a link in a record is
    called, when they arrive or when anybody reads the pages that show them.
    """
    async with listening() as (port, callers), open_site(tmp_path) as site:
        url = f"http://127.0.0.1:{port}"
        hjo, skara = LogMaker(2, code="1497", name="Hjo kommun"), LogMaker(3, code="1495")
        introduction = Introduction(
            log=skara.log.hex(), code="1495", name="Skara", url=url,
            fingerprint=fingerprint(skara.log),
        )  # fmt: skip
        hjo.append("introduction", strict_json.dumps(introduction))
        text = f"[Se här]({url}/a) ![bild]({url}/b)"
        record = write(hjo, "experience", an_experience(title="Exempel: länkar", advice=text))
        await site.receive(hjo)
        await site.served.node.introductions.review()
        for visitor in (site.signed_out(), site):
            for path in ("/", "/erfarenheter", f"/erfarenheter/{record}", "/grannar"):
                answer = await visitor.get(path)
                assert answer.status in (200, 301, 303), path
        shown = (await site.get((await site.get(f"/erfarenheter/{record}")).location)).text
        await site.served.node.alerts.ask_outside(anew=True)

    assert url in shown
    assert callers == []


@pytest.mark.parametrize("text", ["10.0.0.1/8", "hjo.se", "10.0.0.0/33", "*", "10.0.0.0/8,::1"])
def test_what_is_no_network_is_refused(tmp_path: Path, text: str) -> None:
    """A mistake in the setting is named, and never taken for everything."""
    with pytest.raises(SettingsError, match="neighbour_networks"):
        load_settings(data=tmp_path, neighbour_networks=text)


def test_networks_are_read_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With spaces between in the environment; none of them by default."""
    monkeypatch.delenv("TIDAN_NEIGHBOUR_NETWORKS")
    assert load_settings(data=tmp_path).neighbour_networks == ()
    monkeypatch.setenv("TIDAN_NEIGHBOUR_NETWORKS", " 127.0.0.0/8  ::1/128 ")

    assert load_settings(data=tmp_path).neighbour_networks == LOOPBACK_NETWORKS


def test_the_two_refusals_are_one_kind() -> None:
    """Whoever handles a forbidden address handles an inner one."""
    with pytest.raises(ForbiddenAddressError):
        guarded_socket()((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 1)))
