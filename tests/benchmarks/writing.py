"""Contents of a wanted size for benchmarks: seeded, Swedish-looking, neither random nor all alike.

Words are drawn from a small vocabulary, so compression finds about what it finds in real text.
"""

from __future__ import annotations

from random import Random

from protocol import strict_json

WORDS = (
    "kommunen hemtjänsten införde nya trygghetslarm under hösten och personalen fick utbildning i"
    " två omgångar efter upphandlingen visade det sig att leverantören saknade stöd för den gamla"
    " växeln vilket fördröjde starten med sex veckor kostnaden blev lägre än beräknat men arbetet"
    " med att flytta larmen tog längre tid vi rekommenderar andra att börja med ett område i taget"
    " och att avsätta egna timmar för uppföljning resultatet mättes genom antal falsklarm svarstid"
    " samt enkäter till brukare anhöriga nätverket byggdes ut med fiber till tolv adresser lagring"
    " säkerhetskopior avtal avrop skolor elever lärplattform bygglov kartor detaljplan ritningar"
).split()


def words(random: Random, chars: int) -> str:
    """Exactly ``chars`` characters of text."""
    text = ""
    while len(text) < chars:
        text += random.choice(WORDS) + random.choice((" ", " ", " ", " ", ", ", ". "))
    return text[:chars].ljust(chars, ".")


def experience_of_size(random: Random, size_bytes: int, title: str = "") -> dict[str, object]:
    """An experience whose JSON is ``size_bytes`` long, give or take the width of å, ä and ö."""
    content: dict[str, object] = {
        "schema": 1,
        "type": "erfarenhet",
        "title": title or f"Exempel: {words(random, 40)}",
        "summary": words(random, 120),
        "area": "aldre.hemtjanst",
        "status": "drift",
        "contact": {"role": "Utvecklingsledare"},
        "example": True,
        "situation": "",
    }
    missing = size_bytes - len(strict_json.dumps(content))
    if missing < 0:
        raise ValueError(f"the smallest experience here is {size_bytes - missing} bytes")
    text = words(random, missing)
    while len(text.encode("utf-8")) > missing:
        text = text[:-1]
    return content | {"situation": text}
