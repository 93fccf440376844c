"""From an invite to neighbours, with real nodes; and what others can do with one: little."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from factories import LogMaker
from hostile_neighbour import HostileNeighbour, approved, open_socket, shake_hands
from node.errors import ArgumentError, TooManyInvitesError
from node.operations.invite_operations import NewInvite
from node.operations.knock_operations import KnockView
from node.operations.neighbour_status import NeighbourState
from node.sync.endpoint import OF_CALLERS
from node.sync.invites import INVITES_MAX
from node.sync.knocking import UNINVITED
from node.sync.words import FORBIDDEN_ADDRESS, TOLD, WORDS
from node_factories import TestNode, nodes, until
from protocol.directory import Standing
from protocol.invite import decode_code, invite_key, key_digest
from storage.errors import UnknownInviteError
from storage.neighbour_store import KNOCKS_MAX


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[TestNode, TestNode]]:
    """Two nodes that know nothing of each other."""
    async with nodes(tmp_path, "Skara kommun", "Hjo kommun") as (skara, hjo):
        yield skara, hjo


@pytest.fixture
async def skara(tmp_path: Path) -> AsyncIterator[TestNode]:
    """A node that the world reaches, behind a proxy that says whom it forwards."""
    flags = {"public_url": "https://tidan.skara.example", "proxy_count": 1}
    async with nodes(tmp_path, "Skara kommun", **flags) as (node,):
        yield node


async def until_knocking(node: TestNode, count: int = 1) -> list[KnockView]:
    """The knocks of a node, once there are so many."""

    async def there() -> bool:
        return len(await node.node.operations.knocks()) == count

    await until(there, "the knock arrived")
    return await node.node.operations.knocks()


async def until_connected(*pair: TestNode) -> None:
    """Wait until each of two nodes is in step with the other."""

    async def connected() -> bool:
        states = [await one.node.operations.neighbours() for one in pair]
        return all(len(found) == 1 and found[0].state == "I fas" for found in states)

    await until(connected, "the two were in step")


def secret_of(made: NewInvite) -> bytes:
    """The secret in a link."""
    return decode_code(made.link.partition("#")[2]).secret


async def show(
    target: TestNode, maker: LogMaker, secret: bytes, own_origin: str = "", caller: str = ""
) -> str:
    """Call with an invite; returns the code with which the call ends."""
    headers = {"X-Forwarded-For": caller} if caller else None
    async with open_socket(target, headers=headers) as socket:
        hostile = HostileNeighbour(maker, socket)
        await shake_hands(hostile, target, invite=secret, own_origin=own_origin)
        return (await hostile.ending()).code


async def test_two_become_neighbours(pair: tuple[TestNode, TestNode]) -> None:
    """An invite, a call, a comparison, an approval: neighbours, members, introduced."""
    skara, hjo = pair
    made = await skara.node.acting("anna").make_invite("Hjo kommun")
    reading = await hjo.node.operations.read_invite(f"  {made.link[:40]}\n {made.link[40:]} ")
    await hjo.node.acting("bo").use_invite(made.link)
    (knock,) = await until_knocking(skara)

    assert (reading.log, reading.url) == (skara.log, skara.url)
    assert (knock.log, knock.name) == (hjo.log, "Hjo kommun")
    assert (knock.invited_by, knock.invite_words) == ("anna", "Hjo kommun")
    assert knock.fingerprint == reading.own_fingerprint

    async def told() -> bool:
        (status,) = await hjo.node.operations.neighbours()
        return (status.state, status.cause) == (NeighbourState.WAITING, TOLD["awaiting_approval"])

    await until(told, "Hjo was told that it waits")
    await skara.node.acting("anna").approve_knock(knock.log)
    await hjo.node.operations.try_neighbour_now(skara.log)
    await until_connected(skara, hjo)
    await hjo.node.chores.settled()
    await skara.node.chores.settled()

    assert skara.log_id not in hjo.node.invites.received
    assert await hjo.node.invite_store.received() == {}
    assert await skara.node.operations.invites() == []
    assert await skara.node.invite_store.all() == []
    for one, other in ((skara, hjo), (hjo, skara)):
        await one.node.introductions.review()
        assert one.node.directory.accepts(other.log_id)
        await one.node.projector.settled()
        said = await one.node.operations.own_introductions()
        assert [item.log for item in said] == [other.log]
    audited = {(row.actor, row.action) for row in await skara.node.audit.newest(20)}
    assert {
        ("anna", "invite make"),
        ("anna", "knock approve"),
        ("anna", "neighbour add"),
    } <= audited
    audited = {(row.actor, row.action) for row in await hjo.node.audit.newest(20)}
    assert {("bo", "invite use"), ("bo", "neighbour add")} <= audited


async def test_what_is_kept_of_an_invite_opens_nothing(pair: tuple[TestNode, TestNode]) -> None:
    """Neither the database nor the log lines of the inviter hold the secret or the public key."""
    skara, hjo = pair
    made = await skara.node.operations.make_invite("Hjo kommun")
    secret = secret_of(made)
    await hjo.node.operations.use_invite(made.link)
    await until_knocking(skara)
    await skara.stop()
    kept = b"".join(path.read_bytes() for path in skara.folder.rglob("*") if path.is_file())

    for hidden in (secret, invite_key(secret).public_key, made.link.encode()):
        assert hidden not in kept
    assert key_digest(invite_key(secret).public_key) in kept
    assert secret.hex() not in skara.log_lines.getvalue() + hjo.log_lines.getvalue()
    assert made.link[-20:] not in skara.log_lines.getvalue() + hjo.log_lines.getvalue()


async def test_an_invite_outlives_restarts(pair: tuple[TestNode, TestNode]) -> None:
    """Both sides may restart between any two steps."""
    skara, hjo = pair
    made = await skara.node.operations.make_invite("Hjo kommun")
    await skara.stop()
    await hjo.node.operations.use_invite(made.link)
    await hjo.stop()
    await skara.start()
    await hjo.start()
    (knock,) = await until_knocking(skara)
    await skara.node.chores.settled()
    await skara.stop()
    await skara.start()
    (again,) = await skara.node.operations.knocks()

    assert again.invite_words == knock.invite_words == "Hjo kommun"
    await skara.node.operations.approve_knock(knock.log)
    await until_connected(skara, hjo)


@pytest.mark.parametrize("fate", ["never made", "too old", "taken back", "served"])
async def test_an_invite_that_does_not_hold_is_refused(skara: TestNode, fate: str) -> None:
    """Each ends the call alike, makes nobody a neighbour, and leaves a knock like any other."""
    node, hjo = skara.node, LogMaker(2, code="1497", name="Hjo kommun")
    secret = b"0123456789abcdef"
    if fate == "too old":
        digest = key_digest(invite_key(secret).public_key)
        await node.invites.make(digest, "Hjo kommun", "anna", node.clock.time_ms() - 1)
    elif fate != "never made":
        made = await node.operations.make_invite("Hjo kommun")
        secret = secret_of(made)
        if fate == "taken back":
            await node.operations.revoke_invite(made.invite.number)
        else:
            assert await show(skara, hjo, secret) == "awaiting_approval"
            await until_knocking(skara)
            await node.operations.approve_knock(hjo.log.hex())
            await node.operations.remove_neighbour(hjo.log.hex())

    assert await show(skara, hjo, secret) == "invite_refused"
    (knock,) = await until_knocking(skara)
    assert (knock.invited_by, knock.url) == ("", None)
    assert hjo.log not in node.directory.neighbours


async def test_an_invite_belongs_to_who_shows_it_first(skara: TestNode) -> None:
    """A second log with the same secret is refused, and the first one's place stays."""
    first, second = LogMaker(2, code="1497", name="Hjo kommun"), LogMaker(5, name="Annan kommun")
    secret = secret_of(await skara.node.operations.make_invite("Hjo kommun"))

    ends = [await show(skara, maker, secret) for maker in (first, second, first)]
    await skara.node.chores.settled()
    knocks = {knock.log: knock for knock in await skara.node.operations.knocks()}

    assert ends == ["awaiting_approval", "invite_refused", "awaiting_approval"]
    assert knocks[first.log.hex()].invite_words == "Hjo kommun"
    assert knocks[second.log.hex()].invite_words == ""


async def test_guesses_from_one_address_come_to_an_end(skara: TestNode) -> None:
    """After a row of calls in vain an address waits; others, with an invite, get through."""
    secret = secret_of(await skara.node.operations.make_invite("Hjo kommun"))
    guesser, hjo = LogMaker(5, name="Gissarby"), LogMaker(2, code="1497", name="Hjo kommun")
    for number in range(OF_CALLERS.guesses):
        guess = number.to_bytes(16, "big")
        assert await show(skara, guesser, guess, caller="203.0.113.9") == "invite_refused"
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await show(skara, guesser, bytes(16), caller="203.0.113.9")

    assert refused.value.status == 429
    assert await show(skara, hjo, secret, caller="198.51.100.7") == "awaiting_approval"
    await skara.node.chores.settled()
    assert {knock.name for knock in await skara.node.operations.knocks()} == {
        "Gissarby",
        "Hjo kommun",
    }


async def test_a_flood_of_strangers_pushes_no_invited_out(skara: TestNode) -> None:
    """However many knock, an invited one stays, and only so many are written at once."""
    secret = secret_of(await skara.node.operations.make_invite("Hjo kommun"))
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    await show(skara, hjo, secret)
    await until_knocking(skara)
    store = skara.node.neighbours
    for number in range(KNOCKS_MAX + 5):
        later_ms = skara.node.clock.time_ms() + number + 1
        await store.knock((number + 1).to_bytes(32, "big"), "9999", "Främlingsby", later_ms)
    before = await store.knocks()
    for seed in range(100, 100 + UNINVITED.guesses + 3):
        await show(skara, LogMaker(seed, name="Knackeby"), bytes(16))
    await skara.node.chores.settled()
    knocks = await store.knocks()

    assert len(before) == KNOCKS_MAX + 1
    assert hjo.log in {knock.log for knock in knocks}
    assert 0 < sum(knock.name == "Knackeby" for knock in knocks) <= UNINVITED.guesses + 2


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("https://tidan.hjo.example", "https://tidan.hjo.example"),
        ("http://127.0.0.1:9", None),
        ("http://10.1.2.3:8480", None),
        ("http://[fe80::1]:8480", None),
        ("http://intranet:8480", None),
        ("gopher://tidan.hjo.example", None),
    ],
)
async def test_a_claimed_address_leads_to_no_inside(
    skara: TestNode, claimed: str, kept: str | None
) -> None:
    """An invited stranger cannot name an address that only our own network reaches."""
    secret = secret_of(await skara.node.operations.make_invite("Hjo kommun"))
    await show(skara, LogMaker(2, code="1497", name="Hjo kommun"), secret, own_origin=claimed)
    (knock,) = await until_knocking(skara)

    assert knock.url == kept


async def test_not_now_is_told_to_nobody(skara: TestNode) -> None:
    """A refused knock waits on and off the list, and can still be approved."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    secret = secret_of(await skara.node.operations.make_invite("Hjo kommun"))
    await show(skara, hjo, secret)
    await until_knocking(skara)
    await skara.node.acting("anna").dismiss_knock(hjo.log.hex()[:8])

    assert await show(skara, hjo, secret) == "awaiting_approval"
    await skara.node.chores.settled()
    assert await skara.node.operations.knocks() == []
    (waiting,) = await skara.node.operations.knocks(refused=True)
    assert waiting.refused
    await skara.node.operations.approve_knock(hjo.log.hex())
    assert hjo.log in skara.node.directory.neighbours
    assert await skara.node.operations.knocks(refused=True) == []


async def test_a_new_invite_asks_anew(skara: TestNode) -> None:
    """Who was refused and is invited afterwards stands in the list again."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    await show(skara, hjo, bytes(16))
    await until_knocking(skara)
    await skara.node.operations.dismiss_knock(hjo.log.hex())
    secret = secret_of(await skara.node.operations.make_invite("Hjo kommun"))
    await show(skara, hjo, secret)

    (knock,) = await until_knocking(skara)
    assert knock.invite_words == "Hjo kommun"


async def test_the_blocked_cannot_knock(skara: TestNode) -> None:
    """A block needs a reason, takes the invite with it, and nobody is asked again."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    secret = secret_of(await skara.node.operations.make_invite("Hjo kommun"))
    await show(skara, hjo, secret)
    await until_knocking(skara)
    with pytest.raises(ArgumentError):
        await skara.node.operations.block_knock(hjo.log.hex(), "  ")
    await skara.node.acting("anna").block_knock(hjo.log.hex(), "ringde aldrig")

    assert await show(skara, hjo, secret) == "invite_refused"
    await skara.node.chores.settled()
    assert await skara.node.operations.knocks(refused=True) == []
    assert await skara.node.operations.invites() == []
    (member,) = [
        item for item in await skara.node.operations.members() if item.name == "Hjo kommun"
    ]
    assert (member.standing, member.reason, member.code) == ("blocked", "ringde aldrig", "1497")
    row = (await skara.node.audit.newest(1))[0]
    assert (row.actor, row.action, row.detail) == ("anna", "member blocked", "ringde aldrig")


async def test_invites_are_bounded(skara: TestNode) -> None:
    """So many may be open; what is too old makes room by itself."""
    node = skara.node
    old = key_digest(invite_key(bytes(16)).public_key)
    await node.invites.make(old, "Gammal", "anna", node.clock.time_ms() - 1)
    for number in range(INVITES_MAX):
        await node.operations.make_invite(f"Kommun {number}")
    with pytest.raises(TooManyInvitesError):
        await node.operations.make_invite("En till")

    assert len(await node.operations.invites()) == INVITES_MAX
    with pytest.raises(UnknownInviteError):
        await node.operations.revoke_invite(10_000)


@pytest.mark.parametrize("text", ["", "https://tidan.skara.se", "#", "hej", "#!!", "x" * 3000])
async def test_what_is_no_invite_is_said_so(skara: TestNode, text: str) -> None:
    """Whatever is pasted, the answer is words for a person."""
    with pytest.raises(ArgumentError):
        await skara.node.operations.read_invite(text)


async def test_a_refused_use_leaves_no_secret(pair: tuple[TestNode, TestNode]) -> None:
    """An invite of a blocked municipality is not used, and its secret is not kept."""
    skara, hjo = pair
    made = await skara.node.operations.make_invite("Hjo kommun")
    await hjo.node.standings.decide(skara.log_id, Standing.BLOCKED, "exempel")
    with pytest.raises(ArgumentError):
        await hjo.node.operations.use_invite(made.link)

    assert await hjo.node.invite_store.received() == {}
    assert await hjo.node.operations.neighbours() == []


async def test_link_local_addresses_are_never_called(skara: TestNode) -> None:
    """Whatever a person types, the machine's own keeper of secrets is not called."""
    await skara.node.operations.add_neighbour("ab" * 32, "http://169.254.169.254")

    async def said() -> bool:
        (status,) = await skara.node.operations.neighbours()
        return status.cause == FORBIDDEN_ADDRESS

    await until(said, "the address was refused in words")


def test_every_new_end_has_its_words() -> None:
    """What the other side answers to an invite is a sentence on the page."""
    assert {"awaiting_approval", "invite_refused"} <= WORDS.keys()


async def test_an_invite_outlives_a_session_from_before_it(skara: TestNode) -> None:
    """A neighbour removes us and then invites us, and the old session, which nobody has ended yet,
    compares logs only now: the invite is still shown in the next one (found by simulation)."""
    host, secret = LogMaker(1, code="9002"), b"an invite secret"
    await skara.node.operations.add_neighbour(host.log.hex())
    async with open_socket(skara) as socket:
        await until(lambda: has_caller(skara), "the session was open")
        await skara.node.invites.receive(host.log, secret)
        old = HostileNeighbour(host, socket)
        await shake_hands(old, skara)
        await old.offer(host)
        await skara.node.chores.settled()
        assert skara.node.invites.received[host.log] == secret

    async with approved(host, skara) as new:
        await new.offer(host)
        await until(lambda: has_served(skara, host), "the invite had served")


async def has_caller(node: TestNode) -> bool:
    """Whether somebody is connected who has not said yet who it is."""
    return node.node.sync.stranger_count == 1


async def has_served(node: TestNode, maker: LogMaker) -> bool:
    """Whether an invite from there waits no more."""
    return maker.log not in node.node.invites.received
