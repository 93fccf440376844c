"""Which column of a table is which field of a record: guessed by its heading, or said.

A mapping can be written down, in YAML or JSON, and used again for the next file of the same kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, get_args

import yaml

from node.importers import phrases, plain_yaml
from node.importers.csv_table import SEPARATORS
from node.importers.markdown_words import FIELD_OF_HEADING, FIELD_OF_WORD
from node.importers.notes import Note
from node.importers.result import BrokenFileError
from node.importers.texts import ENCODINGS
from node.municipal import taxonomy
from protocol.content.experience import ExperienceType, Status

LEFT_OUT: Final = ""
"""What a column is mapped to that is not to be imported."""
JOINED: Final = frozenset({
    "situation", "actions", "results", "lessons_well", "lessons_change", "advice", "preconditions",
    "cost_note", "legal_note", "tags", "product", "link",
})  # fmt: skip
"""Fields that several columns may be; of every other there is one."""

WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "nr", "nummer", "dnr", "diarienummer", "ärende", "ärendenummer", "löpnummer",
           "löpnr", "key", "number", "reference", "referens"),
    "title": ("title", "titel", "rubrik", "name", "namn", "benämning", "projekt", "projektnamn",
              "project", "aktivitet", "initiativ"),
    "summary": ("summary", "sammanfattning", "ingress", "kort beskrivning", "abstract",
                "short description", "kortbeskrivning"),
    "type": ("type", "typ", "slag", "kind", "kategori"),
    "area": ("area", "ämne", "område", "ämnesområde", "verksamhetsområde", "subject", "topic"),
    "status": ("status", "fas", "phase", "skede", "state", "läge status"),
    "contact_role": ("contact role", "kontakt", "contact", "roll", "enhet", "förvaltning",
                     "avdelning", "unit", "department", "ansvarig enhet", "vem kan andra fråga"),
    "contact_email": ("email", "e post", "epost", "mail", "e mail", "e postadress", "mejl",
                      "funktionsbrevlåda", "contact email"),
    "contact_phone": ("phone", "telefon", "tel", "telefonnummer", "contact phone"),
    "situation": ("situation", "beskrivning", "description", "background", "nuläge", "behov",
                  "syfte", "purpose"),
    "actions": ("actions", "genomförande", "åtgärder", "what we did", "aktiviteter", "arbetssätt"),
    "results": ("results", "result", "effekt", "effekter", "utfall", "outcome", "nytta"),
    "lessons_well": ("lessons well", "went well", "fungerade bra", "framgångsfaktorer"),
    "lessons_change": ("lessons change", "lärdomar", "lessons", "lessons learned", "hinder",
                       "gick mindre bra", "det skulle vi göra om"),
    "advice": ("advice", "tips", "rekommendation", "rekommendationer", "recommendations"),
    "preconditions": ("preconditions", "krav", "requirements", "teknik"),
    "cost_one_off": ("one off sek", "kostnad", "cost", "engångskostnad", "investering", "budget",
                     "kostnad en gång", "belopp", "cost one off"),
    "cost_one_off_max": ("one off max sek", "engångskostnad högst", "cost one off max"),
    "cost_yearly": ("yearly sek", "årskostnad", "kostnad per år", "yearly cost", "driftkostnad",
                    "cost yearly", "annual cost"),
    "cost_yearly_max": ("yearly max sek", "årskostnad högst", "cost yearly max"),
    "cost_hours": ("own hours", "egna timmar", "timmar", "hours", "egen tid", "cost hours"),
    "cost_note": ("cost note", "om kostnaden", "kostnadskommentar"),
    "started": ("started", "start", "startdatum", "påbörjad", "började", "start date", "startår"),
    "live": ("live", "i drift", "driftsatt", "driftstart", "togs i drift", "go live"),
    "ended": ("ended", "slut", "slutdatum", "avslutad", "slutade", "end", "end date"),
    "product": ("product", "produkt", "produkter", "products", "system", "systemnamn", "tjänst"),
    "supplier": ("supplier", "leverantör", "vendor", "leverantörer"),
    "call_off": ("call off", "avrop", "kan andra avropa"),
    "link": ("link", "links", "länk", "länkar", "url", "webbadress", "adress", "webbsida"),
    "tags": ("tags", "taggar", "nyckelord", "sökord", "keywords", "etiketter"),
    "licence": ("licence", "license", "licens", "villkor"),
    "language": ("language", "språk"),
    "klassa": ("klassa", "klassa kod"),
    "valid_until": ("valid until", "giltig till", "gäller till"),
    "review_date": ("review date", "granskas", "ses över senast"),
    "legal_personal_data": ("personal data", "personuppgifter", "behandlas personuppgifter"),
    "legal_dpia": ("dpia done", "dpia", "konsekvensbedömning"),
    "legal_procurement": ("procurement", "upphandlingsform", "upphandling"),
    "legal_note": ("legal note", "juridik", "lag och avtal"),
    "visibility": ("visibility", "synlighet", "vem får läsa"),
    "collaboration_open": ("collaboration open", "söker samverkan", "samverkan"),
}  # fmt: skip
"""Each field, with headings that mean it; the first field that a heading names has it."""

FIELDS: Final = tuple(WORDS)
REQUIRED: Final = ("title", "summary", "type", "area", "status", "contact_role")
"""What a record must have; of these only the title must come from the table."""
VALUES: Final = frozenset({"type", "area", "status", "contact_role", "licence", "language",
                           "visibility"})  # fmt: skip
"""Fields that may be given once for all rows."""
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "type": get_args(ExperienceType),
    "status": get_args(Status),
    "visibility": ("public", "federation"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Headings to fields, values for all rows, and how the file is to be read ("" finds out)."""

    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    separator: str = ""

    def of(self, headings: Sequence[str]) -> dict[str, str]:
        """The field of each heading: as said, else as guessed; "" for what is left out."""
        found: dict[str, str] = {}
        said = {plain(name): wanted for name, wanted in self.fields.items()}
        for heading in headings:
            if heading in self.fields:
                found[heading] = self.fields[heading]
            elif plain(heading) in said:
                found[heading] = said[plain(heading)]
        taken = set(found.values()) - JOINED
        for heading in headings:
            if heading not in found:
                guessed = guess(heading)
                found[heading] = LEFT_OUT if guessed in taken else guessed
                taken |= {guessed} - JOINED
        return {heading: found[heading] for heading in headings}

    def problems(self, headings: Sequence[str]) -> list[Note]:
        """What is wrong with the mapping for these headings."""
        found = []
        known = {plain(heading) for heading in headings}
        for name, wanted in self.fields.items():
            if plain(name) not in known:
                found.append(Note(phrases.NO_COLUMN, column=name))
            if wanted and wanted not in WORDS:
                found.append(Note(phrases.NO_SUCH_FIELD, field=wanted))
        used = [wanted for wanted in self.of(headings).values() if wanted not in JOINED]
        twice = sorted({wanted for wanted in used if wanted and used.count(wanted) > 1})
        found += [Note(phrases.TWO_COLUMNS, field=wanted) for wanted in twice]
        if "title" not in used:
            found.append(Note(phrases.NO_TITLE_COLUMN))
        for name, value in self.values.items():
            if not _may_be(name, value):
                found.append(Note(phrases.BAD_VALUE, field=name, value=value))
        return found

    def as_plain(self) -> dict[str, object]:
        """As it is written down."""
        return {
            "columns": dict(self.fields),
            "values": dict(self.values),
            "encoding": self.encoding,
            "separator": self.separator,
        }


def from_plain(value: object) -> Columns:
    """A mapping as it was written down; raises BrokenFileError for anything else."""
    given = value if isinstance(value, dict) else {}
    unknown = sorted(str(key) for key in given.keys() - Columns().as_plain().keys())
    if unknown or not isinstance(value, dict):
        raise BrokenFileError(1, Note(phrases.NO_MAPPING, words=", ".join(unknown)))
    encoding, separator = str(given.get("encoding") or ""), str(given.get("separator") or "")
    if encoding and encoding not in ENCODINGS:
        raise BrokenFileError(1, Note(phrases.NO_ENCODING, known=", ".join(ENCODINGS)))
    if separator and separator not in SEPARATORS:
        raise BrokenFileError(1, Note(phrases.NO_SEPARATOR))
    return Columns(_texts(given, "columns"), _texts(given, "values"), encoding, separator)


def read_columns(text: str) -> Columns:
    """Read a mapping from a file's text; raises BrokenFileError."""
    return from_plain(plain_yaml.load(text).value or {})


def write_columns(columns: Columns) -> str:
    """A mapping as a file that `read_columns` reads."""
    text: str = yaml.safe_dump(columns.as_plain(), allow_unicode=True, sort_keys=False)
    return text


def _texts(given: Mapping[str, object], name: str) -> dict[str, str]:
    found = given.get(name) or {}
    if not isinstance(found, dict):
        raise BrokenFileError(1, Note(phrases.NO_MAPPING, words=name))
    return {str(key): "" if item is None else str(item) for key, item in found.items()}


def _may_be(name: str, value: str) -> bool:
    if name not in VALUES:
        return False
    if name == "area":
        return taxonomy.find(value) is not None
    return value in CHOICES.get(name, (value,))


def guess(heading: str) -> str:
    """The field that a heading means; "" when it means none."""
    return _FIELD_OF.get(plain(heading), LEFT_OUT)


def plain(heading: str) -> str:
    """A heading for comparison: small letters, words apart by one space, no brackets."""
    without = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", heading.casefold())
    return " ".join(re.findall(r"\w+", without.replace("_", " ")))


def _known_headings() -> dict[str, str]:
    found: dict[str, str] = {}
    for name, words in WORDS.items():
        for word in (plain(name), *words):
            found.setdefault(word, name)
    elsewhere = {**FIELD_OF_WORD, **FIELD_OF_HEADING}
    for word, name in elsewhere.items():
        if name in WORDS:
            found.setdefault(plain(word), name)
    return found


_FIELD_OF: Final = _known_headings()
