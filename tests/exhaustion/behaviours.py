"""What a hostile approved neighbour does to exhaust a node; each goes on until it is turned away.

A behaviour begins anew when it ends, so none needs to last. `ALL` names them as the result does.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from factories import LogMaker
from hostile_neighbour import HostileNeighbour, RefusedByNodeError, open_socket, shake_hands
from node.origins import sync_url
from poisoned_runs import bomb, changed_content, flipped_entry, garbage
from protocol.directory import Item
from protocol.entry import Envelope
from protocol.limits import FRAME_BYTES_MAX, HAVE_ITEMS_MAX, REMOTE_LOGS_MAX
from protocol.messages import Bye, Have, Refused, Run, Stored, Want, decode, encode
from protocol.run import decode_run, encode_run

if TYPE_CHECKING:
    from tests.exhaustion.attacker import Attacker

AT_ONCE = "all at once"
ENDLESS = "endless valid entries"
UNDER_WAY_MAX = 200
FRAMES_AT_ONCE = 200
SLOW_SOCKETS = 200
STORMING = 8
LETTER_SECONDS = 0.5
PAUSE_SECONDS = 0.005
OPENINGS = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    b"POST /logga-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n",
)


async def endless_entries(attacker: Attacker) -> None:
    """Valid entries without end, each a run of its own, as fast as they are taken; at the quota
    the same ones again."""
    maker = attacker.maker
    async with attacker.session() as neighbour:
        reading = asyncio.create_task(_read_answers(attacker, neighbour))
        try:
            for number in count(attacker.stored + 1):
                if number - attacker.stored > UNDER_WAY_MAX:
                    await asyncio.wait({reading}, timeout=PAUSE_SECONDS)
                while maker.head.sequence < number:
                    maker.append()
                await neighbour.send_run(maker.log, [maker.envelopes[number - 1]])
                if reading.done():
                    break
            await reading
        finally:
            reading.cancel()


async def _read_answers(attacker: Attacker, neighbour: HostileNeighbour) -> None:
    """Note what is stored, until something is refused."""
    while True:
        if not await _answered(attacker, neighbour):
            return


async def _answered(attacker: Attacker, neighbour: HostileNeighbour) -> bool:
    """Wait for what the node says of a run; whether it holds it now."""
    while True:
        match decode(await neighbour.socket.receive_bytes()):
            case Stored(item=item) if item.log == attacker.maker.log:
                attacker.stored = max(attacker.stored, item.sequence)
                attacker.done["runs answered: stored"] += 1
                return True
            case Refused() | Bye() as said:
                attacker.done[f"runs answered: {said.code}"] += 1
                return False


async def entries_at_the_quota(attacker: Attacker) -> None:
    """Entries that come after one was refused for want of room, without an end to the session."""
    following = _next_entry(attacker)
    run = Run(attacker.maker.log, following.entry.header.sequence, 1, encode_run([following]))
    await _send_and_drop(attacker, encode(run), "runs beyond the quota")


async def refused_entries(attacker: Attacker) -> None:
    """Runs of which each is refused for another reason, bombs among them."""
    async with attacker.session() as neighbour:
        for poison in (changed_content, garbage, bomb, flipped_entry):
            payload = poison(attacker.maker)
            for _ in range(FRAMES_AT_ONCE):
                await neighbour.send_payload(attacker.maker.log, attacker.stored + 1, 1, payload)
                await _answered(attacker, neighbour)


async def small_frames(attacker: Attacker) -> None:
    """The smallest messages, as many as go through."""
    frame = encode(Have((Item(attacker.maker.log, 1, attacker.start.head.id),)))
    await _send_and_drop(attacker, frame, "small frames")


async def claims(attacker: Attacker) -> None:
    """Heads of as many logs as one may speak of, none of which there is, over and over."""
    async with attacker.session() as neighbour:
        for first in count(1, HAVE_ITEMS_MAX):
            start = first % (REMOTE_LOGS_MAX - HAVE_ITEMS_MAX)
            numbers = range(start, start + HAVE_ITEMS_MAX)
            items = tuple(Item(number.to_bytes(32), first, bytes(32)) for number in numbers)
            await neighbour.send(Have(items))
            attacker.done["claims"] += len(items)


async def pings(attacker: Attacker) -> None:
    """WebSocket pings, as many as go through, with nobody to read what comes back."""
    async with attacker.session() as neighbour:
        while True:
            for _ in range(FRAMES_AT_ONCE):
                await neighbour.socket.ping()
            attacker.done["pings"] += FRAMES_AT_ONCE


async def same_requests(attacker: Attacker) -> None:
    """The node's own log again and again, all of it, with credit given back for each run."""
    async with attacker.session() as neighbour:
        await neighbour.send(Want(attacker.door.log_id, 0, 10**9))
        while True:
            match decode(frame := await neighbour.socket.receive_bytes()):
                case Run(log=log, last=last, payload=payload):
                    attacker.done["runs asked for again"] += 1
                    newest = decode_run(payload)[-1].entry.id
                    await neighbour.send(Stored(Item(log, last, newest), len(frame)))
                    await neighbour.send(Want(log, 0, 10**9))
                case Refused():
                    await neighbour.send(Want(attacker.door.log_id, 0, 10**9))


async def slow_reading(attacker: Attacker) -> None:
    """Asks for everything and reads nothing, so that the node's queue fills."""
    async with attacker.session() as neighbour:
        for _ in range(FRAMES_AT_ONCE):
            await neighbour.send(Want(attacker.door.log_id, 0, 10**9))
            await asyncio.sleep(LETTER_SECONDS)
            attacker.done["requests whose answers are not read"] += 1


async def half_frames(attacker: Attacker) -> None:
    """A message of the largest size, all of it but its last bytes, which come one at a time."""
    async with attacker.session() as neighbour:
        connection = neighbour.socket._response.connection  # below its messages
        assert connection is not None
        assert connection.transport is not None
        transport = connection.transport  # the connection forgets it when it ends
        length = FRAME_BYTES_MAX - 1
        transport.write(b"\x82\xff" + length.to_bytes(8) + bytes(4))
        transport.write(bytes(length - 1_000))
        while not transport.is_closing():
            transport.write(b"\0")
            attacker.done["octets of half frames"] += 1
            await asyncio.sleep(LETTER_SECONDS)


async def slow_loris(attacker: Attacker) -> None:
    """Requests that come a letter at a time, and sockets that never say a word."""
    parts = urlsplit(attacker.door.url)

    async def crawl(opening: bytes) -> None:
        _reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            writer.write(opening)
            while not writer.is_closing():
                await writer.drain()
                attacker.done["letters"] += 1
                await asyncio.sleep(LETTER_SECONDS)
                writer.write(b"a")
        finally:
            writer.close()

    await asyncio.gather(*(crawl(OPENINGS[n % 2]) for n in range(SLOW_SOCKETS)))


async def reconnect_storm(attacker: Attacker) -> None:
    """Sessions that are opened, proved, compared and dropped, several at once."""

    async def come_and_go() -> None:
        for _ in range(FRAMES_AT_ONCE):
            try:
                async with attacker.session():
                    attacker.done["sessions"] += 1
            except aiohttp.WSServerHandshakeError as error:
                attacker.done[f"calls answered {error.status}"] += 1
            except RefusedByNodeError as error:
                attacker.done[f"calls answered {error}"] += 1

    await asyncio.gather(*(come_and_go() for _ in range(STORMING)))


async def knocking_storm(attacker: Attacker) -> None:
    """Strangers, a new one each time and from a new address, who knock without end."""

    async def knock(lane: int) -> None:
        for number in count(lane, STORMING):
            caller = {"X-Forwarded-For": f"198.51.{number // 256 % 256}.{number % 256}"}
            stranger = LogMaker(1_000 + number, code="9105", name=f"Exempel {number}")
            async with open_socket(attacker.door, headers=caller) as socket:
                await shake_hands(HostileNeighbour(stranger, socket), attacker.door)
                await socket.receive()
                attacker.done["knocks"] += 1

    await asyncio.gather(*(knock(lane) for lane in range(STORMING)))


async def plain_requests(attacker: Attacker) -> None:
    """Requests at the door of neighbours that never become a WebSocket, with large headers."""
    address = sync_url(attacker.door.url).replace("ws", "http", 1)
    padding = {"X-Padding": os.urandom(3_000).hex()}
    async with aiohttp.ClientSession(headers=padding) as client:

        async def ask() -> None:
            for _ in range(FRAMES_AT_ONCE):
                async with client.get(address) as response:
                    await response.read()
                attacker.done["plain requests"] += 1

        await asyncio.gather(*(ask() for _ in range(STORMING)))


async def _send_and_drop(attacker: Attacker, frame: bytes, what: str) -> None:
    """Send one frame over and over, and throw away what comes back."""
    async with attacker.session() as neighbour:
        reading = asyncio.create_task(_throw_away(neighbour))
        try:
            while not reading.done():
                for _ in range(FRAMES_AT_ONCE):
                    await neighbour.socket.send_bytes(frame)
                attacker.done[what] += FRAMES_AT_ONCE
                await asyncio.sleep(0)
            await reading
        finally:
            reading.cancel()


async def _throw_away(neighbour: HostileNeighbour) -> None:
    while True:
        await neighbour.socket.receive_bytes()


def _next_entry(attacker: Attacker) -> Envelope:
    maker = attacker.maker
    while maker.head.sequence <= attacker.stored:
        maker.append()
    return maker.envelopes[attacker.stored]


ALL: dict[str, Callable[[Attacker], Awaitable[None]]] = {
    ENDLESS: endless_entries,
    "entries beyond the quota": entries_at_the_quota,
    "refused entries and bombs": refused_entries,
    "small frames": small_frames,
    "claims of logs that are not": claims,
    "pings": pings,
    "the same request again": same_requests,
    "slow reading": slow_reading,
    "half frames": half_frames,
    "slow requests": slow_loris,
    "reconnecting": reconnect_storm,
    "knocking": knocking_storm,
    "plain requests": plain_requests,
}
