"""Help: one short page for each question that staff have, and a list of them.

The table is the order in which they are listed. Each page is a template of its own in
`templates/help/`, named like its address.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from aiohttp import web

from node.web.message import Message
from node.web.render import RENDERER


class HelpPage(NamedTuple):
    """One page: the last part of its address, its heading, and what one finds there."""

    name: str
    title: Message
    about: Message

    @property
    def url(self) -> str:
        """Its address."""
        return f"/hjalp/{self.name}"


PAGES: Final = (
    HelpPage(
        "hitta", Message("Hitta"), Message("Söka, avgränsa och läsa vad andra kommuner har provat.")
    ),
    HelpPage(
        "skriva",
        Message("Skriva på fem minuter"),
        Message("Vad andra har nytta av, med ett helt exempel."),
    ),
    HelpPage(
        "publicera",
        Message("När du publicerar"),
        Message("Vem som ser det, och vad som inte går att ångra."),
    ),
    HelpPage(
        "synlighet",
        Message("Vem får läsa?"),
        Message("Öppet för alla, eller bara för anslutna kommuner."),
    ),
    HelpPage(
        "fraga",
        Message("Fråga och svara"),
        Message("Ställa en fråga, svara, och säga att ni också använder."),
    ),
    HelpPage(
        "folja",
        Message("Hålla sig uppdaterad"),
        Message("Komma tillbaka till det du är intresserad av."),
    ),
    HelpPage(
        "tangentbord",
        Message("Tangentbord och tillgänglighet"),
        Message("Läsa och skriva på ditt sätt."),
    ),
    HelpPage("kontakt", Message("Vem kan jag fråga?"), Message("Rätt person för rätt fråga.")),
)
BY_NAME: Final = {page.name: page for page in PAGES}
NAMES: Final = "|".join(BY_NAME)


async def index_page(request: web.Request) -> web.Response:
    """GET /hjalp"""
    return request.app[RENDERER].page(request, "help/index.html", pages=PAGES)


async def help_page(request: web.Request) -> web.Response:
    """GET /hjalp/{name}"""
    here = BY_NAME[request.match_info["name"]]
    return request.app[RENDERER].page(request, f"help/{here.name}.html", pages=PAGES, here=here)
