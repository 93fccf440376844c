"""The states a neighbour can be in, and the addresses that cannot be reached, with real sockets."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

from aiohttp import web
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certificates import NOW, Authority
from neighbour_stage import CASES, Expected, Stage, case, hjo, state, until_state
from node.operations.neighbour_details import WayState
from node.operations.neighbour_status import (
    LOG_FULL,
    RAISE_QUOTA,
    SHARE_SPENT,
    NeighbourState,
)
from node.sync import dialer, words
from node_factories import until
from odd_servers import tcp_server, web_server
from protocol.messages import Stored
from tests.free_ports import free_port

# --- states -----------------------------------------------------------------------------------


@case(f"state {NeighbourState.IN_STEP}", f"way {WayState.OPEN}", f"way {WayState.UNTRIED}")
async def in_step(stage: Stage) -> Expected:
    """Two real nodes, both added, one dials."""
    other = await stage.other()
    await stage.ours.befriend(other)
    texts = [state(NeighbourState.IN_STEP), state(WayState.OPEN), state(WayState.UNTRIED)]
    return Expected(other.log, texts)


@case(f"way {WayState.NO_ADDRESS}")
async def dialled_by_the_other(stage: Stage) -> Expected:
    """We have no address; the other one dials."""
    other = await stage.other()
    await other.befriend(stage.ours)
    return Expected(other.log, [state(NeighbourState.IN_STEP), state(WayState.NO_ADDRESS)])


@case(f"way {WayState.WORKED}")
async def gone_away(stage: Stage) -> Expected:
    """It dialled us, and has stopped cleanly since."""
    other = await stage.other()
    await other.befriend(stage.ours)
    await until_state(stage, other.log, NeighbourState.IN_STEP)
    await other.stop()
    return Expected(other.log, [state(WayState.WORKED), "Väntar på att grannen ringer upp."])


@case(f"state {NeighbourState.FETCHING}")
async def fetching(stage: Stage) -> Expected:
    """The neighbour holds six entries more than it has sent."""
    maker = hjo()
    maker.extend(5)
    await stage.hostile(maker)
    return Expected(maker.log.hex(), [state(NeighbourState.FETCHING), "6 kvar att hämta."])


@case(f"state {NeighbourState.BEHIND}")
async def behind(stage: Stage) -> Expected:
    """The neighbour has not asked for what we hold."""
    maker = hjo()
    for number in range(3):
        await stage.ours.publish(f"Exempel: {number}")
    neighbour = await stage.hostile(maker)
    await neighbour.send_run(maker.log, maker.envelopes)
    await neighbour.receive(Stored)

    async def introduced() -> bool:
        return await stage.ours.head(stage.ours.log_id) == 5

    await until(introduced, "the neighbour was introduced, which is one more entry")
    told = "Grannen har 5 kvar att hämta."
    return Expected(maker.log.hex(), [state(NeighbourState.BEHIND), told])


@case(f"state {NeighbourState.WAITING}", "told not_a_neighbour")
async def not_added_there(stage: Stage) -> Expected:
    """The other one has not added us."""
    other = await stage.other()
    await stage.dial(other.url, other.log)
    texts = [state(NeighbourState.WAITING), words.TOLD["not_a_neighbour"], "Ring och be dem"]
    return Expected(other.log, texts)


@case(f"state {NeighbourState.PAUSED}")
async def paused_here(stage: Stage) -> Expected:
    """We have paused."""
    other = await stage.other()
    await stage.ours.befriend(other)
    await until_state(stage, other.log, NeighbourState.IN_STEP)
    await stage.site.post(f"/grannar/{other.log}/pausa")
    return Expected(other.log, [state(NeighbourState.PAUSED), "Ni har pausat kontakten."])


@case(f"state {NeighbourState.PAUSED_THERE}", "told paused")
async def paused_there(stage: Stage) -> Expected:
    """The other one has paused."""
    other = await stage.other()
    await stage.ours.befriend(other)
    await until_state(stage, other.log, NeighbourState.IN_STEP)
    await other.node.operations.pause_neighbour(stage.ours.log)
    return Expected(other.log, [state(NeighbourState.PAUSED_THERE), words.TOLD["paused"]])


@case(f"state {NeighbourState.BLOCKED}")
async def blocked(stage: Stage) -> Expected:
    """We have blocked its log."""
    other = await stage.other()
    await stage.ours.befriend(other)
    await until_state(stage, other.log, NeighbourState.IN_STEP)
    fields = {"beslut": "aldrig", "skal": "Exempel: utger sig för annan."}
    await stage.site.post(f"/grannar/{other.log}/beslut", fields)
    return Expected(other.log, [state(NeighbourState.BLOCKED), "Exempel: utger sig för annan."])


@case(f"state {NeighbourState.LEFT}")
async def has_left(stage: Stage) -> Expected:
    """It has said its last word, and is still in contact."""
    other = await stage.other()
    await stage.ours.befriend(other)
    await until_state(stage, other.log, NeighbourState.IN_STEP)
    await other.node.operations.leave("Exempel")
    return Expected(other.log, [state(NeighbourState.LEFT), "Inget nytt kommer därifrån."])


@case(f"state {NeighbourState.NO_CONTACT}", f"dialling {words.NOTHING_THERE}")
@case(f"way {WayState.FAILED}")
async def nothing_there(stage: Stage) -> Expected:
    """Nothing listens at the address."""
    log = await stage.dial(f"http://127.0.0.1:{free_port()}")
    texts = [state(NeighbourState.NO_CONTACT), words.NOTHING_THERE, state(WayState.FAILED)]
    return Expected(log, [*texts, "Försök nu"])


@case(f"state {NeighbourState.WRONG_KEY}", "found wrong_neighbour")
async def another_node(stage: Stage) -> Expected:
    """Another node answers at the address."""
    log = await stage.dial((await stage.other()).url)
    return Expected(log, [state(NeighbourState.WRONG_KEY), words.WORDS["wrong_neighbour"]])


@case(f"state {NeighbourState.AT_QUOTA}", f"quota {LOG_FULL}")
async def log_full(stage: Stage) -> Expected:
    """The other one has written more than is kept of it here."""
    other = await stage.other()
    await stage.ours.node.operations.add_neighbour(other.log)
    await stage.ours.node.operations.change_quota("log", other.log, entries=2)
    for number in range(3):
        await other.publish(f"Exempel: {number}")
    await stage.ours.befriend(other)
    texts = [state(NeighbourState.AT_QUOTA), LOG_FULL, RAISE_QUOTA, "Höj kvoten<"]
    return Expected(other.log, texts)


@case(f"quota {SHARE_SPENT}")
async def share_spent(stage: Stage) -> Expected:
    """The other one has brought what it may in a day."""
    other = await stage.other()
    for number in range(3):
        await other.publish(f"Exempel: {number}")
    await stage.ours.node.operations.add_neighbour(other.log)
    await stage.ours.node.operations.change_quota("neighbour", other.log, entries=1)
    await stage.ours.befriend(other)
    return Expected(other.log, [state(NeighbourState.AT_QUOTA), SHARE_SPENT, RAISE_QUOTA])


# --- an address that cannot be reached ------------------------------------------------------------


def unreachable(stage: Stage, log: str, sentence: str) -> Expected:
    """No contact, for this reason."""
    return Expected(log, [state(NeighbourState.NO_CONTACT), sentence])


@case(f"dialling {words.NO_NODE}")
async def no_node(stage: Stage) -> Expected:
    """A web server answers that knows no such address."""

    async def refuse(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPNotFound

    log = await stage.dial(await stage.stack.enter_async_context(web_server(refuse)))
    return unreachable(stage, log, words.NO_NODE % {"status": 404})


@case(f"dialling {words.LEADS_ELSEWHERE}")
async def redirected(stage: Stage) -> Expected:
    """The address leads to another one."""

    async def redirect(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("https://tidan.example/sync/v1")

    log = await stage.dial(await stage.stack.enter_async_context(web_server(redirect)))
    return unreachable(stage, log, words.LEADS_ELSEWHERE)


@case(f"dialling {words.NO_SUCH_NAME}")
async def no_such_name(stage: Stage) -> Expected:
    """The name of the address does not exist."""
    return unreachable(stage, await stage.dial("http://nod.invalid"), words.NO_SUCH_NAME)


@case(f"dialling {words.FORBIDDEN_ADDRESS}")
async def forbidden_address(stage: Stage) -> Expected:
    """The address is one where rented machines keep their keys."""
    log = await stage.dial("http://169.254.169.254")
    return unreachable(stage, log, words.FORBIDDEN_ADDRESS)


@case(f"dialling {words.INNER_ADDRESS}")
async def inner_address(stage: Stage) -> Expected:
    """The address lies in a network that the operator has not named."""
    return unreachable(stage, await stage.dial("http://10.255.255.1"), words.INNER_ADDRESS)


@case(f"dialling {words.NOTHING_IN_TIME}")
async def nothing_in_time(stage: Stage) -> Expected:
    """Somebody takes the call and never answers."""
    stage.patch.setattr(dialer, "CONNECT_SECONDS_MAX", 0.3)

    async def wait(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    port = await stage.stack.enter_async_context(tcp_server(wait))
    return unreachable(stage, await stage.dial(f"http://127.0.0.1:{port}"), words.NOTHING_IN_TIME)


@case(f"dialling {words.BROKEN_OPENING}")
async def broken_opening(stage: Stage) -> Expected:
    """Somebody takes the call and hangs up."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    port = await stage.stack.enter_async_context(tcp_server(hang_up))
    return unreachable(stage, await stage.dial(f"http://127.0.0.1:{port}"), words.BROKEN_OPENING)


@case(f"dialling {words.NOT_SECURE}")
async def not_secure(stage: Stage) -> Expected:
    """A node without https at an address with it."""
    url = (await stage.other()).url.replace("http:", "https:")
    return unreachable(stage, await stage.dial(url), words.NOT_SECURE)


async def wrong_certificate(sentence: str, options: dict[str, object], stage: Stage) -> Expected:
    """A server with https whose certificate does not hold."""
    authority = Authority(stage.folder)
    if sentence != words.CERTIFICATE_UNTRUSTED:
        authority.trust()
    context = authority.context(**options)  # type: ignore[arg-type]  # one of each case

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response()

    url = await stage.stack.enter_async_context(web_server(answer, context))
    return unreachable(stage, await stage.dial(url), sentence)


for _sentence, _options in {
    words.CERTIFICATE_EXPIRED: {"ends": NOW - timedelta(days=1)},
    words.CERTIFICATE_OF_ANOTHER: {"name": x509.DNSName("annan.example")},
    words.CERTIFICATE_UNTRUSTED: {},
    words.WRONG_CERTIFICATE: {"purpose": ExtendedKeyUsageOID.CLIENT_AUTH},
}.items():
    CASES[f"dialling {_sentence}"] = partial(wrong_certificate, _sentence, _options)
