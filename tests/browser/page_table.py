"""Every page that is judged: an example address for each route, and the states a page can be in.

A new GET route gets one line: in `EXAMPLES` with an address to open it by, or in `NO_PAGE` with
what it answers instead. Names in braces are those of page_world.py.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from node.api.routes import API_ROUTES
from node.web.access import Needs, Open
from node.web.feeds import PERSONAL
from node.web.pages.help_pages import NAMES
from node.web.routes import DRAFT, FEEDS, FILE, IMPORT, KEY, LOG, RECORD, ROUTES
from page_steps import (
    Step,
    block,
    block_a_knock,
    bring_decisions,
    compare,
    import_nothing,
    invite,
    more_rows,
    press,
    preview,
    publish_unchecked,
    send,
    sign_out_elsewhere,
    with_a_wrong_key,
)
from storage.account_views import Role

EXAMPLES = {
    "/": "/",
    "/erfarenheter": "/erfarenheter",
    "/kommuner": "/kommuner",
    "/statistik": "/statistik",
    "/kommuner/{code:[0-9]{4}}{words:(-[^/]*)?}": "/kommuner/1497-hjo",
    "/skriv": "/skriv",
    "/skriv/klart/{id:[0-9a-f]{64}}": "/skriv/klart/{own}",
    f"{RECORD}/andra": "/erfarenheter/{own}/andra",
    f"{RECORD}/aterkalla": "/erfarenheter/{own}/aterkalla",
    RECORD: "/erfarenheter/{own}",
    f"{RECORD}/{{words:[^/]*}}": "/erfarenheter/{foreign}/x",
    "/grannar": "/grannar",
    "/grannar/avstand": "/grannar/avstand",
    "/atgarda": "/atgarda",
    "/grannar/beslut": "/grannar/beslut",
    LOG: "/grannar/{neighbour}",
    "/natverk": "/natverk",
    f"{RECORD}/spridning": "/erfarenheter/{foreign}/spridning",
    "/grannar/inbjudningar": "/grannar/inbjudningar",
    "/grannar/anslut": "/grannar/anslut",
    f"{LOG}/ta-bort": "/grannar/{neighbour}/ta-bort",
    f"{LOG}/kvot": "/grannar/{neighbour}/kvot",
    f"{LOG}/introduktion": "/grannar/{neighbour}/introduktion",
    "/inbjudan": "/inbjudan",
    "/logga-in": "/logga-in",
    "/valkommen/{token:[A-Za-z0-9_-]{20,100}}": "{welcome}",
    "/konto": "/konto",
    "/anvandare": "/anvandare",
    "/anvandare/handelser": "/anvandare/handelser",
    "/om": "/om",
    "/amnen": "/amnen",
    "/amnen/{area:[a-z-]+(?:\\.[a-z-]+)?}": "/amnen/digital",
    "/importera": "/importera",
    IMPORT: "/importera/{import}",
    "/utkast": "/utkast",
    DRAFT: "/utkast/{draft}",
    f"{DRAFT}/tillbaka": "/utkast/{handed_in}/tillbaka",
    f"{RECORD}/skillnad": "/erfarenheter/{own}/skillnad",
    "/nytt": "/nytt",
    "/foljer": "/foljer",
    "/utskick": "/utskick",
    f"/utskick/bekrafta/{KEY}": "/utskick/bekrafta/" + "x" * 43,
    f"/utskick/sluta/{KEY}": "/utskick/sluta/" + "x" * 43,
    "/hjalp": "/hjalp",
    f"/hjalp/{{name:{NAMES}}}": "/hjalp/skriva",
    "/tillganglighet": "/tillganglighet",
    "/tillganglighet/synpunkter": "/tillganglighet/synpunkter",
    "/anvandare/nycklar": "/anvandare/nycklar",
    "/aterstallning": "/aterstallning",
    "/flytta": "/flytta",
    "/flytta/lamna": "/flytta/lamna",
    "/api": "/api",
}
NO_PAGE = {
    "/sok": "leads to /erfarenheter",
    "/sok/forslag": "words for a search box, put there by suggest.js",
    "/grannar/hamtning": "a part of a page, put into one by progress.js",
    "/.well-known/tidan": "for programs",
    "/favicon.ico": "leads to the icon",
    "/static/{digest}/{name}": "the view's own files",
    **{path: "a feed" for path, _ in FEEDS},
    **{PERSONAL + path: "a feed" for path, _ in FEEDS},
    f"{PERSONAL}/nytt.atom": "a feed",
    f"{RECORD}/bevis.cbor": "a file",
    **{route.path: "for programs" for route in API_ROUTES if route.path != "/api"},
    f"/filer/{FILE}": "a file",
    f"/bilder/{FILE}": "a picture",
    f"{DRAFT}/bilder/{FILE}": "a picture",
}

SEEN_BY: dict[Needs, tuple[Role | None, ...]] = {
    **{role: (role,) for role in Role},
    Open.ALWAYS: (None,),
    Open.LINK: (None,),
    Open.READING: (None, Role.OPERATOR),
    Role.AUTHOR: (Role.EDITOR,),  # an editor may change what others wrote
}
"""Who looks at a page, by what it needs."""


class Place(NamedTuple):
    """A page to be judged: who opens it, at which address, and what they do there first."""

    name: str
    address: str
    role: Role | None = None
    step: Step | None = None
    is_wrong: bool = False
    """Whether it is a form that was filled in wrongly."""
    node: Literal["full", "empty", "new"] = "full"
    """Which node of page_world.py it is a page of."""
    language: str = "sv"
    """What whoever opens it has chosen to read."""


def _examples() -> list[Place]:
    routes = [
        route
        for route in (*ROUTES, *API_ROUTES)
        if route.method == "GET" and route.path in EXAMPLES
    ]
    swedish = [
        Place(f"{route.path} {role or 'signed out'}", EXAMPLES[route.path], role)
        for route in routes
        for role in SEEN_BY[route.needs]
    ]
    english = [
        Place(
            f"{route.path} in English",
            EXAMPLES[route.path],
            SEEN_BY[route.needs][-1],
            language="en",
        )
        for route in routes
    ]
    return swedish + english


EDITOR, OPERATOR = Role.EDITOR, Role.OPERATOR
STATES = [
    Place("fourth page", "/erfarenheter?sida=4"),
    Place("filtered", "/erfarenheter?q=fiber&kommun=1498&typ=erfarenhet", OPERATOR),
    Place("questions without an answer", "/erfarenheter?svar=saknas", OPERATOR),
    Place("only small words", "/erfarenheter?q=att+g%C3%B6ra"),
    Place("zero hits", "/erfarenheter?q=xyzxyz&kommun=1497"),
    Place("earlier version", "/erfarenheter/{newer}/x?version={older}"),
    Place("withdrawn", "/erfarenheter/{withdrawn}/x", OPERATOR),
    Place("in English", "/erfarenheter/{english}/x"),
    Place("receipt", "/erfarenheter/{own}/x?klart=andrad", EDITOR),
    Place("municipality that shares nothing", "/kommuner/1499-falkoping"),
    Place("not found", "/finns-inte"),
    Place("not allowed", "/anvandare", Role.AUTHOR),
    Place("only for forms", "/grannar/{log}/forsok", OPERATOR),
    Place("form from elsewhere", "/konto", OPERATOR, with_a_wrong_key("main button.primary")),
    Place("no longer signed in", "/skriv", EDITOR, sign_out_elsewhere),
    Place("comment without text", "/erfarenheter/{foreign}/x", EDITOR,
          press(".write-comment > button"), is_wrong=True),
    Place("filtered in English", "/erfarenheter?q=fiber&amne=digital&status=pilot", OPERATOR,
          language="en"),
    Place("earlier version in English", "/erfarenheter/{newer}/x?version={older}", language="en"),
    Place("withdrawn in English", "/erfarenheter/{withdrawn}/x", OPERATOR, language="en"),
    Place("Swedish record in English", "/erfarenheter/{own}/x", EDITOR, language="en"),
    Place("English comment without text", "/erfarenheter/{foreign}/x", EDITOR,
          press(".write-comment > button"), is_wrong=True, language="en"),
    Place("empty form", "/skriv", EDITOR, press("button[value=granska]"), is_wrong=True),
    Place("form with more rows", "/skriv", EDITOR, more_rows),
    Place("preview", "/skriv", EDITOR, preview()),
    Place("preview with a personal number", "/skriv", EDITOR,
          preview(summary="Exempel: ring 0701234567, 19811218-9876")),
    Place("unchecked", "/skriv", EDITOR,
          publish_unchecked(summary="Exempel: ring 0701234567"), is_wrong=True),
    Place("import without a file", "/importera", EDITOR,
          press("main form button.primary"), is_wrong=True),
    Place("import with nothing ticked", "/importera/{import}", EDITOR, import_nothing,
          is_wrong=True),
    Place("import of files", "/importera/{import_files}", EDITOR),
    Place("emptied edit", "/erfarenheter/{own}/andra", EDITOR,
          send("button[value=granska]", title=""), is_wrong=True),
    Place("withdrawal without a reason", "/erfarenheter/{own}/aterkalla", EDITOR,
          press("main form button"), is_wrong=True),
    Place("wrong password", "/logga-in", None,
          send("main button.primary", namn="finns.inte", losenord="x"), is_wrong=True),
    Place("short password", "{welcome}", None,
          send("main button.primary", losenord="x"), is_wrong=True),
    Place("used link", "/valkommen/" + "x" * 43),
    Place("wrong old password", "/konto", OPERATOR,
          send("main button.primary", nuvarande="x"), is_wrong=True),
    Place("invitation without a name", "/anvandare", OPERATOR,
          press("main button.primary"), is_wrong=True),
    Place("invitation", "/anvandare", OPERATOR, invite),
    Place("key without a name", "/anvandare/nycklar", OPERATOR,
          press("main button.primary"), is_wrong=True),
    Place("new key", "/anvandare/nycklar", OPERATOR,
          send("main button.primary", system="Exempel")),
    Place("block without a reason", "/grannar", OPERATOR, block, is_wrong=True),
    Place("decisions without a file", "/grannar/beslut", OPERATOR,
          press("main button.primary"), is_wrong=True),
    Place("decisions looked at", "/grannar/beslut", OPERATOR, bring_decisions),
    Place("decisions looked at in English", "/grannar/beslut", OPERATOR, bring_decisions,
          language="en"),
    Place("audit searched in vain", "/anvandare/handelser?om=finns+inte", OPERATOR),
    Place("audit with a wrong day", "/anvandare/handelser?fran=x", OPERATOR, is_wrong=True),
    Place("audit of everything", "/anvandare/handelser", OPERATOR),
    Place("neighbour that is paused", "/grannar/{paused_neighbour}", OPERATOR),
    Place("quota of nothing", "/grannar/{neighbour}/kvot", OPERATOR,
          send("main form button", **{"log-inlagg": "inget"}), is_wrong=True),
    Place("block of a knock without a reason", "/grannar", OPERATOR,
          block_a_knock, is_wrong=True),
    Place("new invite", "/grannar/inbjudningar", OPERATOR,
          send("main button.primary", till="Exempel")),
    Place("invite for nobody", "/grannar/inbjudningar", OPERATOR,
          press("main button.primary"), is_wrong=True),
    Place("invite that is none", "/grannar/anslut", OPERATOR,
          send("main button.primary", inbjudan="x"), is_wrong=True),
    Place("fingerprints to compare", "/grannar/anslut", OPERATOR, compare),
    Place("introduction without a reason", "/grannar/{neighbour}/introduktion", OPERATOR,
          press("main form button"), is_wrong=True),
    Place("name that is like another's", "/flytta", OPERATOR,
          send("form[action='/flytta/namn'] button", namn="Hj0 stad", **{"namn-skal": "Exempel"}),
          is_wrong=True),
    Place("leaving without the tick", "/flytta/lamna", OPERATOR,
          press("main form button.primary"), is_wrong=True),
    Place("preview in English", "/skriv", EDITOR,
          preview(summary="Exempel: ring 0701234567, 19811218-9876"), language="en"),
    Place("empty form in English", "/skriv", EDITOR,
          press("button[value=granska]"), is_wrong=True, language="en"),
    Place("withdrawal without a reason in English", "/erfarenheter/{own}/aterkalla", EDITOR,
          press("main form button"), is_wrong=True, language="en"),
    Place("invitation in English", "/anvandare", OPERATOR, invite, language="en"),
    Place("block without a reason in English", "/grannar", OPERATOR,
          block, is_wrong=True, language="en"),
    Place("nobody has an account", "/", node="new"),
    Place("first operator", "{setup}", node="new"),
    *[
        Place(f"empty {address} {role or 'signed out'}", address, role, node="empty")
        for address, role in (("/", None), ("/", OPERATOR), ("/erfarenheter", None),
                              ("/statistik", None),
                              ("/kommuner", None), ("/kommuner/1498-tidaholm", None),
                              ("/grannar", OPERATOR), ("/natverk", OPERATOR),
                              ("/anvandare/handelser", OPERATOR))
    ],
]  # fmt: skip


PLACES = [*_examples(), *STATES]
