"""Contents of a wanted size for benchmarks: seeded, Swedish-looking, as compressible as real text.

Real Swedish has a few very common words, a long tail of rare and compound ones, and phrases that
return. So has this: phrases of two to five words, common words weighted, drawn from a pool that is
large against one run. `compression` says how much zstd finds in it; a test keeps that at what
descriptions of municipal projects give.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import accumulate, islice, product
from random import Random

from node.municipal import taxonomy
from protocol import strict_json

COMMON = (
    "och att i det som en på är av för med den till inte har de om ett vi men var från så kan när"
    " efter under vid mot eller också blev hade alla mer än sedan utan mellan"
).split()
PLAIN = (
    "kommunen personalen införde utbildning omgångar upphandlingen visade leverantören saknade stöd"
    " gamla växeln fördröjde starten veckor kostnaden lägre beräknat arbetet flytta larmen längre"
    " tid rekommenderar andra börja område taget avsätta egna timmar uppföljning resultatet mättes"
    " genom antal falsklarm svarstid enkäter brukare anhöriga nätverket byggdes fiber adresser"
    " lagring säkerhetskopior avtal avrop skolor elever lärplattform bygglov kartor detaljplan"
    " ritningar projektet hösten våren enheten chefen nämnden beslutade prövade fungerade sämre"
    " bättre snabbare enklare svårt viktigt gemensamt tillsammans grannkommunen invånarna tjänsten"
    " rutinen ansvaret behovet frågan lösningen underlaget budgeten tidplanen erfarenheten"
).split()
FIRST_PARTS = (
    "hem tjänste trygghets omsorgs skol förskole bygg miljö vatten avfalls kart data moln nät"
    " driftssäkerhets sjukvårds social närings kultur fritids bibliotek energi fastighets"
    " upphandlings avtals dokument ärende identitets digitaliserings verksamhets medborgar"
).split()
LAST_PARTS = (
    "plan system tjänst enhet stöd arbete grupp ansvar nämnd förvaltning utredning uppföljning"
    " plattform lösning hantering kostnad utbildning samordnare process rutin register mätning"
    " verktyg projekt avtal behov krav bedömning kontroll rapport"
).split()
ENDINGS = ("", "en", "er", "erna", "s", "ens")
VERB_STEMS = (
    "prov test byt flytt samordn planer utveckl bygg ändr mät följ avslut påbörj beställ granska"
    " inför kontroller dokumenter bedöm informer diskuter föreslag underlätt försvår minsk anpass"
).split()
VERB_ENDINGS = ("a", "ade", "ar", "at", "ades", "as", "ande")
AREAS = ("aldre.hemtjanst", "aldre.valfardsteknik", "aldre", "skola.grundskola", "skola")
STATUSES = ("drift", "pilot", "avbrutet")
ALL_TYPES = ("erfarenhet", "fraga", "samverkan", "losning", "omvarld", "upphandling")
ALL_STATUSES = ("ide", "pilot", "drift", "avslutat", "avbrutet")
PHRASES = 60_000
COMMON_SHARE = 0.35
PLAIN_SHARE = 0.32
NUMBER_SHARE = 0.04
RARE_VERBS = 10


@cache
def phrases() -> tuple[str, ...]:
    """The pool that texts are put together from; always the same."""
    random = Random("phrases")
    rare = ["".join(parts) for parts in product(FIRST_PARTS, LAST_PARTS, ENDINGS)]
    rare += ["".join(parts) for parts in product(VERB_STEMS, VERB_ENDINGS)] * RARE_VERBS
    common_weights = list(accumulate(1 / rank for rank in range(1, len(COMMON) + 1)))
    plain_weights = list(accumulate(1 / (rank + 5) for rank in range(len(PLAIN))))

    def word() -> str:
        kind = random.random()
        if kind < COMMON_SHARE:
            return random.choices(COMMON, cum_weights=common_weights)[0]
        if kind < COMMON_SHARE + PLAIN_SHARE:
            return random.choices(PLAIN, cum_weights=plain_weights)[0]
        if kind < 1 - NUMBER_SHARE:
            return random.choice(rare)
        return str(int(10 ** random.uniform(0, 5)))

    def phrase() -> str:
        text = " ".join(word() for _ in range(random.randint(2, 5)))
        return text + random.choice((" ", " ", " ", " ", ", ", ". "))

    return tuple(phrase() for _ in range(PHRASES))


def words(random: Random, size_bytes: int) -> str:
    """Text of exactly so many bytes."""
    pool = phrases()
    text = ""
    while len(text) < size_bytes:
        text += "".join(random.choices(pool, k=size_bytes // 25 + 1))
    cut = text.encode()[:size_bytes].decode(errors="ignore")
    return cut.rstrip() + "." * (size_bytes - len(cut.rstrip().encode()))


def experience_of_size(random: Random, size_bytes: int, title: str = "") -> dict[str, object]:
    """An experience whose JSON is exactly ``size_bytes`` long."""
    content: dict[str, object] = {
        "schema": 1,
        "type": "erfarenhet",
        "title": title or f"Exempel: {words(random, 40)}",
        "summary": words(random, 120),
        "area": random.choice(AREAS),
        "status": random.choice(STATUSES),
        "contact": {"role": "Utvecklingsledare"},
        "example": True,
        "situation": "",
    }
    missing = size_bytes - len(strict_json.dumps(content))
    if missing < 0:
        raise ValueError(f"the smallest experience here is {size_bytes - missing} bytes")
    return content | {"situation": words(random, missing)}


def content_of_size(random: Random, size_bytes: int) -> bytes:
    """The bytes of such an experience."""
    return strict_json.dumps(experience_of_size(random, size_bytes))


def contents(number: int, count: int, size_bytes: int) -> Iterator[bytes]:
    """What the author with this number writes; the same for Tidan and for its peers."""
    random = Random(f"contents {number}")
    return islice(iter(lambda: content_of_size(random, size_bytes), b""), count)


def varied_contents(number: int, count: int, size_bytes: int) -> Iterator[bytes]:
    """The same, spread evenly over all that one can filter on: the worst case for counting."""
    random = Random(f"varied contents {number}")
    areas = [subarea.id for area in taxonomy.areas() for subarea in area.subareas]
    for _ in range(count):
        yield strict_json.dumps(
            experience_of_size(random, size_bytes)
            | {
                "type": random.choice(ALL_TYPES),
                "area": random.choice(areas),
                "status": random.choice(ALL_STATUSES),
            }
        )


def shares(entries: int, logs: int) -> list[int]:
    """So many entries over so many logs, as evenly as may be."""
    return [entries // logs + (number < entries % logs) for number in range(logs)]
