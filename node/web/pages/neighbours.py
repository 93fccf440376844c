"""Neighbours: how it goes with each in words, and municipalities that wait for a decision.

Deciding about a municipality and trying a neighbour again are POST; the words come from
node/operations/neighbour_status.py, so the page and `tidan peer list` never say different things.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from node.operations.knock_operations import KnockView
from node.operations.neighbour_status import NeighbourState, NeighbourStatus
from node.operations.operation_views import Member
from node.web.account_words import ACTORS
from node.web.joining_steps import JoiningStep, steps_from_invite, steps_towards
from node.web.message import Message
from node.web.neighbour_words import action_words, cause_words, state_words
from node.web.pages.neighbour_suggestions import suggestion_items
from node.web.pages.progress import progress_notice
from node.web.posted import read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other, short_name
from node.web.visitors import acting
from protocol.directory import Standing

REASON_CHARS_MAX = 500
UNDECIDED = frozenset({Standing.INTRODUCED, Standing.IGNORED, Standing.BLOCKED})
"""Those that the page lists; the others are on the page about municipalities."""
LIST_MAX = 300
UNKNOWN = Message("Okänd kommun")

# How a state reads at a glance; the word itself always stands beside.
STATE_CLASSES = {
    NeighbourState.IN_STEP: "good",
    NeighbourState.FETCHING: "good",
    NeighbourState.BEHIND: "wait",
    NeighbourState.WAITING: "wait",
    NeighbourState.PAUSED: "wait",
    NeighbourState.PAUSED_THERE: "wait",
    NeighbourState.AT_QUOTA: "wait",
    NeighbourState.BLOCKED: "bad",
    NeighbourState.NO_CONTACT: "bad",
    NeighbourState.WRONG_KEY: "bad",
    NeighbourState.LEFT: "",
}
# Decision in a form → verb, and the receipt that the page shows.
DECISIONS = {
    "lagg-till": ("accept", "tillagd"),
    "inte-nu": ("ignore", "inte-nu"),
    "aldrig": ("block", "aldrig"),
}


@dataclass(frozen=True, slots=True)
class NeighbourItem:
    """One neighbour with its short name, its state and mark, why it is so and what to do."""

    status: NeighbourStatus
    name: str
    state: str
    mark: str
    cause: str
    action: str
    steps: list[JoiningStep]

    @property
    def is_blocked(self) -> bool:
        """Whether a block here keeps it out."""
        return self.status.state == NeighbourState.BLOCKED

    @property
    def quota_reached(self) -> bool:
        """Whether a quota keeps back what it has."""
        return self.status.state == NeighbourState.AT_QUOTA


@dataclass(frozen=True, slots=True)
class KnockItem:
    """One that wants to become a neighbour, whoever invited it by name, and the way there."""

    knock: KnockView
    name: str
    invited_by: str
    steps: list[JoiningStep]


@dataclass(frozen=True, slots=True)
class MemberItem:
    """A municipality that was introduced, ignored or blocked."""

    member: Member
    name: str


def make_item(status: NeighbourStatus) -> NeighbourItem:
    """Put a neighbour's status into words."""
    state = NeighbourState(status.state)
    name = short_name(status.code, status.name) or status.url or UNKNOWN
    return NeighbourItem(
        status,
        name,
        state_words(status),
        STATE_CLASSES.get(state, "wait"),
        cause_words(status),
        action_words(status),
        [] if status.left_ms else steps_towards(status, name),
    )


async def neighbours_page(request: web.Request) -> web.Response:
    """GET /grannar"""
    return await show_neighbours(request)


async def show_neighbours(
    request: web.Request, *, status: int = 200, error_log: str = "", error: str = ""
) -> web.Response:
    """The page; `error` stands at the decision about `error_log`."""
    node = request.app[NODE]
    items = [make_item(one) for one in await node.operations.neighbours()]
    items.sort(key=lambda item: (item.mark != "bad", item.mark != "wait", item.name))
    members = [MemberItem(one, short_name(one.code, one.name) or UNKNOWN)
               for one in await node.operations.members(UNDECIDED)]  # fmt: skip
    knocks = await _knock_items(request)
    return request.app[RENDERER].page(
        request,
        "neighbours.html",
        status=status,
        items=items,
        introduced=_with_standing(members, Standing.INTRODUCED),
        ignored=_with_standing(members, Standing.IGNORED),
        blocked=_with_standing(members, Standing.BLOCKED),
        knocks=[item for item in knocks if not item.knock.refused],
        refused_knocks=[item for item in knocks if item.knock.refused],
        own_introductions=await node.operations.own_introductions(),
        progress=await progress_notice(request),
        suggestions=await suggestion_items(request),
        summary=await node.operations.status(),
        own_url=node.settings.public_url,
        now_ms=node.clock.time_ms(),
        error_log=error_log,
        error=error,
    )


async def _knock_items(request: web.Request) -> list[KnockItem]:
    node = request.app[NODE]
    knocks = await node.operations.knocks(refused=True)
    people = {user.name: user.full_name for user in await node.accounts.users()} if knocks else {}
    items = []
    for knock in knocks:
        name = short_name(knock.code, knock.name)
        invited_by = ACTORS.get(knock.invited_by) or people.get(knock.invited_by, knock.invited_by)
        items.append(KnockItem(knock, name, invited_by, steps_from_invite(name)))
    return items


def _with_standing(members: list[MemberItem], standing: Standing) -> list[MemberItem]:
    return [item for item in members if item.member.standing == standing][:LIST_MAX]


async def decide(request: web.Request) -> web.Response:
    """POST /grannar/{log}/beslut"""
    posted = await read_posted(request)
    log = request.match_info["log"]
    verb, receipt = DECISIONS.get(str(posted.get("beslut", "")), ("", ""))
    if not verb:
        raise web.HTTPBadRequest
    reason = " ".join(str(posted.get("skal", "")).split())
    if verb == "block" and not reason:
        error = Message("Skriv varför innan ni väljer Aldrig, så att den som kommer efter förstår")
        return await show_neighbours(request, status=422, error_log=log, error=error)
    note = " ".join(str(posted.get("anteckning", "")).split()) if verb == "block" else ""
    if max(len(reason), len(note)) > REASON_CHARS_MAX:
        error = Message(
            "Skälet eller anteckningen är för lång, högst %(most)s tecken får plats",
            most=REASON_CHARS_MAX,
        )
        return await show_neighbours(request, status=422, error_log=log, error=error)
    await acting(request).decide_member(verb, log, reason, note)
    raise see_other(f"/grannar?klart={receipt}")


async def try_now(request: web.Request) -> web.Response:
    """POST /grannar/{log}/forsok"""
    await acting(request).try_neighbour_now(request.match_info["log"])
    raise see_other(f"/grannar/{request.match_info['log']}?klart=forsoker")


async def use_new_address(request: web.Request) -> web.Response:
    """POST /grannar/{log}/adress: what is dialled is the address that was looked at."""
    log = request.match_info["log"]
    shown = str((await read_posted(request)).get("adress", ""))
    neighbours = await request.app[NODE].operations.neighbours()
    if any(one.log == log and one.moved_to == shown for one in neighbours):
        await acting(request).use_new_address(log, shown)
        raise see_other(f"/grannar/{log}?klart=ny-adress")
    raise see_other(
        f"/grannar/{log}"
    )  # it has signed another meanwhile, or a colleague was quicker


async def pause(request: web.Request) -> web.Response:
    """POST /grannar/{log}/pausa"""
    await acting(request).pause_neighbour(request.match_info["log"])
    raise see_other(f"/grannar/{request.match_info['log']}?klart=pausad")


async def resume(request: web.Request) -> web.Response:
    """POST /grannar/{log}/ateruppta"""
    await acting(request).resume_neighbour(request.match_info["log"])
    raise see_other(f"/grannar/{request.match_info['log']}?klart=aterupptagen")
