"""The recovery sheet: the paper with which a municipality gets its log back, in Swedish.

As text for a terminal, and as one HTML file that needs nothing else: any browser prints it or saves
it as a PDF (docs/adr/0030). Whoever finds the sheet in ten years shall understand from it alone
what it is, when it is used and how, so it says the same things in both shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from node.process.recovery_key import code_text, write_recovery_key
from protocol.identity import fingerprint

PAGE_SUFFIXES = frozenset({".html", ".htm"})
TITLE = "Återställningsblad för Tidan"
_TEXT_CHARS = 78
_WHAT = (
    "Tidan är kommunens del i ett nätverk där kommuner delar erfarenheter. Allt som kommunen "
    "publicerar undertecknas med en nyckel som ligger på kommunens server. På det här bladet står "
    "nästa nyckel. Den finns ingen annanstans. Med den kan kommunen ersätta en nyckel som är "
    "stulen eller förlorad och ta tillbaka allt den har publicerat. Utan den går det inte."
)
_KEEP = (
    "Lås in bladet som andra handlingar som inte kan ersättas, inte vid servern. Två personer ska "
    "veta var det ligger. Den som läser bladet kan uppträda som kommunen: fotografera det inte, "
    "skicka det inte, och läs koden bara med en läsare som inte sparar den. Har någon obehörig "
    "sett bladet: byt nyckel genast."
)
_AFTERWARDS = (
    "När nyckeln har använts skrivs ett nytt blad ut och det här gäller inte längre. Förstör det."
)
_TECHNICAL = (
    "Nyckeln är 32 byte i hexadecimal form: fröet till ett Ed25519-nyckelpar (RFC 8032). De två "
    "sista grupperna är de första åtta tecknen av SHA-256 över texten “tidan/1 recovery key "
    "check” följd av de 32 byten. Hur den används står i docs/protocol.md, avsnitt 4 och 6, i "
    "programmets källkod. Tidan är öppen källkod, och varje kommun i nätverket har programmet."
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When the sheet is used, and what to type then."""

    when: str
    what: str
    command: str


OCCASIONS = (
    Occasion(
        "Nyckeln på servern är stulen, eller kan vara det",
        "Byt nyckel på servern. Det som tjuven har undertecknat faller bort hos alla.",
        "tidan key rotate",
    ),
    Occasion(
        "Servern är förlorad, eller den som skötte den",
        "Installera Tidan på en ny server. Ring en kommun som var granne och be om adress och id.",
        "tidan recover --help",
    ),
    Occasion(
        "En gång om året, och när någon ny tar över",
        "Öva: kontrollera att bladet går att läsa och gäller. Övningen förbrukar ingenting.",
        "tidan key rehearse",
    ),
)


@dataclass(frozen=True, slots=True, repr=False)
class RecoverySheet:
    """What stands on one sheet; `number` counts a log's sheets from 1. Holds a secret."""

    log: bytes
    code: str
    name: str
    seed: bytes
    number: int
    made_ms: int

    @property
    def key(self) -> str:
        """The key in groups, three lines."""
        return write_recovery_key(self.seed)

    @property
    def made_on(self) -> str:
        """The day it was made (UTC)."""
        return datetime.fromtimestamp(self.made_ms / 1000, UTC).strftime("%Y-%m-%d")

    def text(self) -> str:
        """The sheet as plain text, at most 78 characters wide where words can be broken."""
        parts = [
            TITLE.upper(),
            "\n".join(
                [
                    f"Kommun:         {self.name} ({self.code})",
                    f"Logg:           {self.log.hex()}",
                    f"Fingeravtryck:  {fingerprint(self.log)}",
                    f"Blad nummer:    {self.number}, gjort {self.made_on}",
                ]
            ),
            f"Återställningsnyckel (de två sista grupperna är kontroll):\n\n{self.key}",
            fill(_WHAT, _TEXT_CHARS),
            *(
                f"{fill(f'{one.when}. {one.what}', _TEXT_CHARS)}\n    {one.command}"
                for one in OCCASIONS
            ),
            fill(_AFTERWARDS, _TEXT_CHARS),
            fill(_KEEP, _TEXT_CHARS),
            fill(_TECHNICAL, _TEXT_CHARS),
        ]
        return "\n\n".join(parts) + "\n"

    def page(self) -> str:
        """The sheet as one HTML file that loads nothing: for one side of A4."""
        code = segno.make_qr(code_text(self.seed, self.log), error="m")
        drawing = code.svg_inline(border=4, omitsize=True, lineclass="code")
        markup = Markup(drawing)  # noqa: S704  # nosec B704  # drawn by the library
        return _TEMPLATES.get_template("recovery_sheet.html").render(
            title=TITLE,
            sheet=self,
            fingerprint=fingerprint(self.log),
            code=markup,
            what=_WHAT,
            occasions=OCCASIONS,
            afterwards=_AFTERWARDS,
            keep=_KEEP,
            technical=_TECHNICAL,
        )

    def for_file(self, path: Path) -> str:
        """The shape that the file's name asks for: a page for `.html`, else text."""
        return self.page() if path.suffix.lower() in PAGE_SUFFIXES else self.text()


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
