"""Help: one short page for each question that staff have, and a list of them.

The table is the order in which they are listed. Each page is a template of its own in
`templates/help/`, named like its address.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from aiohttp import web

from node.web.render import RENDERER


class HelpPage(NamedTuple):
    """One page: the last part of its address, its heading, and what one finds there."""

    name: str
    title: str
    about: str

    @property
    def url(self) -> str:
        """Its address."""
        return f"/hjalp/{self.name}"


PAGES: Final = (
    HelpPage("hitta", "Hitta", "Söka, avgränsa och läsa vad andra kommuner har provat."),
    HelpPage("skriva", "Skriva på fem minuter", "Vad andra har nytta av, med ett helt exempel."),
    HelpPage("publicera", "När du publicerar", "Vem som ser det, och vad som inte går att ångra."),
    HelpPage("synlighet", "Vem får läsa?", "Öppet för alla, eller bara för anslutna kommuner."),
    HelpPage("fraga", "Fråga och svara", "Ställa en fråga, svara, och säga att ni också använder."),
    HelpPage("folja", "Hålla sig uppdaterad", "Komma tillbaka till det du är intresserad av."),
    HelpPage("tangentbord", "Tangentbord och tillgänglighet", "Läsa och skriva på ditt sätt."),
    HelpPage("kontakt", "Vem kan jag fråga?", "Rätt person för rätt fråga."),
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
