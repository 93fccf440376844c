"""The words a Markdown record may use: field names, their Swedish names, and headings.

English field names are those of protocol/content/experience.py. A word is compared without case,
with spaces and hyphens as ``_``.
"""

from __future__ import annotations

from protocol.content import Experience

HEADINGS = {
    "situation": "Läget",
    "actions": "Vad vi gjorde",
    "results": "Resultat",
    "lessons_well": "Gick bra",
    "lessons_change": "Gör om",
    "advice": "Råd till andra",
    "preconditions": "Förutsättningar",
}
"""Text field to the level-2 heading it stands under, in the order of a record."""

FIELD_OF_HEADING = {heading.casefold(): field for field, heading in HEADINGS.items()} | {
    "bakgrund": "situation",
    "problem": "situation",
    "gjorde": "actions",
    "gick bra": "lessons_well",
    "det gick bra": "lessons_well",
    "skulle göra annorlunda": "lessons_change",
    "göra om": "lessons_change",
    "råd": "advice",
}

FIELD_OF_WORD = {
    "typ": "type",
    "titel": "title",
    "rubrik": "title",
    "sammanfattning": "summary",
    "ingress": "summary",
    "område": "area",
    "omrade": "area",
    "läge": "situation",
    "läget": "situation",
    "vad_vi_gjorde": "actions",
    "resultat": "results",
    "gick_bra": "lessons_well",
    "gör_om": "lessons_change",
    "råd": "advice",
    "råd_till_andra": "advice",
    "förutsättningar": "preconditions",
    "kontakt": "contact",
    "roll": "role",
    "e_post": "email",
    "epost": "email",
    "telefon": "phone",
    "kostnad": "cost",
    "engångskostnad": "one_off_sek",
    "engångskostnad_högst": "one_off_max_sek",
    "årskostnad": "yearly_sek",
    "årskostnad_högst": "yearly_max_sek",
    "egna_timmar": "own_hours",
    "anteckning": "note",
    "tid": "timeline",
    "tidslinje": "timeline",
    "start": "started",
    "påbörjad": "started",
    "i_drift": "live",
    "avslutad": "ended",
    "produkter": "products",
    "namn": "name",
    "leverantör": "supplier",
    "avrop": "call_off",
    "avrop_till": "call_off_until",
    "juridik": "legal",
    "personuppgifter": "personal_data",
    "konsekvensbedömning": "dpia_done",
    "upphandlingsform": "procurement",
    "länkar": "links",
    "bilagor": "attachments",
    "adress": "url",
    "licens": "licence",
    "license": "licence",
    "relaterade": "related",
    "giltig_till": "valid_until",
    "granskas": "review_date",
    "taggar": "tags",
    "nyckelord": "tags",
    "språk": "language",
    "söker_samverkan": "collaboration_open",
    "synlighet": "visibility",
    "källa": "source",
    "exempel": "example",
    "kontrollerad": "checked",
    "datum": "date",
    "ersätter": "replaces",
}

VALUES = {
    "type": {
        "fråga": "fraga",
        "söker samverkan": "samverkan",
        "lösning": "losning",
        "lösning i bruk": "losning",
        "omvärld": "omvarld",
        "omvärldsspaning": "omvarld",
    },
    "status": {"idé": "ide", "i drift": "drift"},
    "call_off": {"okänt": "okant"},
}
"""Swedish spellings of a field's values."""

DATE_FIELDS = frozenset({"started", "live", "ended", "valid_until", "review_date", "date"})
"""Fields in which a bare year is text, not a number."""

FIELDS = frozenset(Experience.model_fields) - {"schema_version"}


def field_of(word: str) -> str:
    """The field a word in the front matter names; an unknown word comes back as it is."""
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    return FIELD_OF_WORD.get(plain, plain)
