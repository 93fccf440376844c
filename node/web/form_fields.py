"""The fields of the form for a record: words, help, example, in the order in which they are asked.

Only what others need to judge an experience is required; the rest is asked in an order that follows
how one tells it. How texts become a record is in form_reading.py.
"""

from __future__ import annotations

from typing import Final

from node.web import labels
from node.web.form_shapes import Field, Section
from node.web.source_fields import SOURCE
from protocol.limits import (
    EMAIL_CHARS_MAX,
    NOTE_CHARS_MAX,
    PHONE_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
    URL_CHARS_MAX,
)

LANGUAGES: Final = {"sv": "Svenska", "en": "Engelska", "fi": "Finska", "se": "Nordsamiska"}
PROCUREMENT_EXAMPLE: Final = "Direktupphandling, eller avrop på ramavtal"


def _text(name: str, words: str, help: str, example: str, rows: int = 5) -> Field:
    return Field(
        name, words, help, example, "text", chars_max=TEXT_CHARS_MAX, rows=rows, markdown=True
    )


REQUIRED = Section(
    "kort",
    "Det viktigaste",
    "Det här behöver andra för att se om er erfarenhet rör dem.",
    (
        Field(
            "type",
            "Vad är det?",
            kind="choice",
            required=True,
            choices=labels.RECORD_TYPES,
            choice_help=labels.RECORD_TYPE_HELP,
        ),
        Field(
            "title",
            "Titel",
            "Säg vad ni gjorde, så att den går att känna igen i en lista.",
            "Bytte trygghetslarm i ordinärt boende på åtta månader",
            required=True,
            chars_max=TITLE_CHARS_MAX,
        ),
        Field(
            "summary",
            "Sammanfattning",
            "Två eller tre meningar: vad ni gjorde, hur det gick, vad andra kan ta med sig.",
            "Vi bytte 240 analoga larm mot digitala. Larmen fungerar, men täckningen i två byar "
            "behövde mätas först. Räkna med dubbelt så mycket tid för utbildning.",
            "text",
            required=True,
            chars_max=SUMMARY_CHARS_MAX,
            rows=4,
        ),
        Field(
            "area",
            "Ämne",
            "Välj det som ligger närmast. Hela området går också bra.",
            kind="area",
            required=True,
        ),
        Field(
            "status",
            "Hur långt har ni kommit?",
            "Det som avbröts är minst lika värdefullt för andra.",
            kind="choice",
            required=True,
            choices=labels.STATUSES,
        ),
        Field(
            "contact_role",
            "Vem kan andra fråga?",
            "Skriv en roll eller en enhet, inte ett namn. Roller lever längre än personer.",
            "Enheten för välfärdsteknik",
            required=True,
        ),
        Field(
            "contact_email",
            "Funktionsbrevlåda",
            "E-postadress som flera läser. Undvik personliga adresser.",
            "valfardsteknik@exempelkommun.se",
            "email",
            chars_max=EMAIL_CHARS_MAX,
            autocomplete="off",
        ),
        Field(
            "contact_phone",
            "Telefon",
            "Gärna växeln.",
            "08-465 004 00",
            "tel",
            chars_max=PHONE_CHARS_MAX,
        ),
    ),
    folded=False,
)

STORY = Section(
    "berattelse",
    "Berätta",
    "Fyll i det ni hinner. Punktlistor skrivs med bindestreck först på raden.",
    (
        _text(
            "situation",
            "Läget",
            "Vad var problemet eller behovet?",
            "De analoga larmen slutade fungera när kopparnätet stängdes.",
        ),
        _text(
            "actions",
            "Vad vi gjorde",
            "Stegen i den ordning de togs.",
            "Mätte täckningen i alla byar, utbildade hemtjänsten, bytte by för by.",
        ),
        _text(
            "results",
            "Resultat",
            "Gärna med siffror, och hur ni mätte dem.",
            "Falsklarmen minskade från 30 till 12 i veckan, räknat mars till maj.",
        ),
        _text(
            "lessons_well",
            "Det gick bra",
            "Vad skulle ni göra likadant?",
            "Hemtjänstpersonalen var med och valde larm.",
            4,
        ),
        _text(
            "lessons_change",
            "Det skulle vi göra om",
            "Vad skulle ni göra annorlunda?",
            "Vi skulle ha mätt täckningen innan vi skrev avtalet.",
            4,
        ),
        _text(
            "advice",
            "Råd till andra",
            "Ditt bästa råd till en kollega som ska börja.",
            "Be leverantören visa larmen på plats i er sämsta by.",
            4,
        ),
        _text(
            "preconditions",
            "Förutsättningar",
            "Vad måste finnas på plats: storlek, personal, avtal, teknik?",
            "En person på halvtid i ett halvår. Fungerande inloggning med e-legitimation.",
            4,
        ),
    ),
)

COST = Section(
    "kostnad",
    "Kostnad",
    "Ungefär räcker. Skriv två belopp om det är ett spann.",
    (
        Field("cost_one_off", "En gång, kronor", "", "185 000", "number"),
        Field("cost_one_off_max", "Högst, om det är ett spann", "", "240 000", "number"),
        Field("cost_yearly", "Per år, kronor", "", "62 000", "number"),
        Field("cost_yearly_max", "Högst per år, om det är ett spann", "", "70 000", "number"),
        Field("cost_hours", "Egen tid, timmar", "Allas tid tillsammans.", "320", "number"),
        Field(
            "cost_note",
            "Om kostnaden",
            "Vad ingår, och vad ingår inte?",
            "Utbildningstid för hemtjänsten är inte medräknad.",
            "text",
            chars_max=NOTE_CHARS_MAX,
            rows=3,
            markdown=True,
        ),
    ),
)

TIME = Section(
    "tid",
    "Tid",
    "År räcker. Månad eller dag går också bra.",
    (
        Field("started", "Började", "", "2024, mars 2024 eller 2024-03-15", "date"),
        Field("live", "Togs i drift", "", "november 2024", "date"),
        Field("ended", "Slutade", "", "2026", "date"),
    ),
)

PRODUCTS = Section(
    "produkter",
    "Produkter och avtal",
    "System och leverantörer, och om andra får avropa på ert avtal. Tomma rader hoppas över.",
    (
        Field("name", "Produkt eller tjänst", "", "Larmsystemet Exempel"),
        Field("supplier", "Leverantör", "", "Exempelbolaget AB"),
        Field("call_off", "Kan andra avropa på avtalet?", kind="choice", choices=labels.CALL_OFF),
        Field("call_off_until", "Avtalet gäller till", "", "2027-12-31", "date"),
    ),
    repeated="product",
)

LEGAL = Section(
    "juridik",
    "Juridik",
    "Kort om det som andra också måste ta ställning till.",
    (
        Field(
            "legal_personal_data",
            "Behandlas personuppgifter?",
            kind="choice",
            choices={"ja": "Ja", "nej": "Nej"},
        ),
        Field(
            "legal_dpia",
            "Är en konsekvensbedömning gjord?",
            kind="choice",
            choices={"ja": "Ja", "nej": "Nej"},
        ),
        Field("legal_procurement", "Upphandlingsform", "", PROCUREMENT_EXAMPLE),
        Field(
            "legal_note",
            "Annat om lag och avtal",
            "",
            "Personuppgiftsbiträdesavtal enligt SKR:s mall.",
            "text",
            chars_max=NOTE_CHARS_MAX,
            rows=3,
            markdown=True,
        ),
    ),
)

LINKS = Section(
    "lankar",
    "Länkar",
    "Till beslut, rapporter eller kod som andra kommer åt. Tomma rader hoppas över.",
    (
        Field("url", "Adress", "", "https://exempelkommun.se/rapport", chars_max=URL_CHARS_MAX),
        Field("title", "Vad är det?", "", "Slutrapporten, 12 sidor"),
    ),
    repeated="link",
)

ATTACHMENTS = Section(
    "bilagor",
    "Bilagor",
    "Planer, rapporter, mallar och bilder som andra kan ha nytta av.",
    (
        Field("sha256", "Fil"),
        Field("media_type", "Slag"),
        Field("size_bytes", "Storlek"),
        Field("name", "Filnamn"),
        Field("description", "Vad innehåller filen?"),
    ),
    repeated="attachment",
)

SPREAD = Section(
    "spridning",
    "Spridning och sökord",
    "Förvalen passar de flesta.",
    (
        Field(
            "visibility",
            "Vem får läsa?",
            "”Bara för anslutna kommuner” är inget sekretesskydd. Uppgifter med sekretess ska "
            "aldrig skrivas här.",
            kind="choice",
            choices=labels.VISIBILITIES,
        ),
        Field("collaboration_open", "Vi vill gärna samarbeta med andra om det här", kind="check"),
        Field("licence", "Villkor för att använda texten", kind="choice", choices=labels.LICENCES),
        Field(
            "tags",
            "Sökord",
            "Högst tio, med komma emellan.",
            "trygghetslarm, kopparnätet, täckning",
            chars_max=700,
        ),
        Field(
            "valid_until",
            "Gäller till",
            "Efter den dagen visas att texten kan vara inaktuell.",
            "2028-12-31",
            "date",
        ),
        Field("review_date", "Ses över senast", "", "2027-06-30", "date"),
        Field(
            "related",
            "Hör ihop med",
            "Adresser till andra erfarenheter i Tidan, en på varje rad.",
            "",
            "text",
            chars_max=6000,
            rows=2,
        ),
        Field("klassa", "KLASSA-kod", "Om ni klassar handlingar så.", "3.7.2", chars_max=60),
        Field("language", "Språk", kind="choice", choices=LANGUAGES),
    ),
)

LINE_WORDS: Final = {"product": "Produkt", "link": "Länk", "attachment": "Bilaga"}
SECTIONS: Final = (REQUIRED, STORY, COST, TIME, PRODUCTS, LEGAL, LINKS, SPREAD, SOURCE, ATTACHMENTS)
REPEATED_ROWS_MIN = 2
REPEATED_ROWS_MAX = 12
DEFAULTS: Final = {"licence": "CC0-1.0", "visibility": "public", "language": "sv"}

CHECKLIST: Final = (
    "Inga uppgifter om enskilda personer, varken namn eller något som går att känna igen dem på.",
    "Inget om skydd: larm, lås, nätritningar, brister som någon kan utnyttja.",
    "Inget ur en pågående upphandling, och inga affärshemligheter från en leverantör.",
    "Inget ur risk- och sårbarhetsanalyser eller om säkerhetsskydd.",
)
