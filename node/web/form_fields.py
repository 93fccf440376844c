"""The fields of the form for a record: words, help, example, in the order in which they are asked.

Only what others need to judge an experience is required; the rest is asked in an order that follows
how one tells it. How texts become a record is in form_reading.py.
"""

from __future__ import annotations

from typing import Final

from node.web import labels
from node.web.form_shapes import Field, Section
from node.web.message import Message
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

LANGUAGES: Final = {
    "sv": Message("Svenska"),
    "en": Message("Engelska"),
    "fi": Message("Finska"),
    "se": Message("Nordsamiska"),
}
YES_OR_NO: Final = {"ja": Message("Ja"), "nej": Message("Nej")}
PROCUREMENT_EXAMPLE: Final = Message("Direktupphandling, eller avrop på ramavtal")


def _text(name: str, words: str, help: str, example: str, rows: int = 5) -> Field:
    return Field(
        name, words, help, example, "text", chars_max=TEXT_CHARS_MAX, rows=rows, markdown=True
    )


REQUIRED = Section(
    "kort",
    Message("Det viktigaste"),
    Message("Det här behöver andra för att se om er erfarenhet rör dem."),
    (
        Field(
            "type",
            Message("Vad är det?"),
            kind="choice",
            required=True,
            choices=labels.RECORD_TYPES,
            choice_help=labels.RECORD_TYPE_HELP,
        ),
        Field(
            "title",
            Message("Titel"),
            Message("Säg vad ni gjorde, så att den går att känna igen i en lista."),
            Message("Bytte trygghetslarm i ordinärt boende på åtta månader"),
            required=True,
            chars_max=TITLE_CHARS_MAX,
        ),
        Field(
            "summary",
            Message("Sammanfattning"),
            Message(
                "Två eller tre meningar: vad ni gjorde, hur det gick, vad andra kan ta med sig."
            ),
            Message(
                "Vi bytte 240 analoga larm mot digitala. Larmen fungerar, men täckningen i två "
                "byar behövde mätas först. Räkna med dubbelt så mycket tid för utbildning."
            ),
            "text",
            required=True,
            chars_max=SUMMARY_CHARS_MAX,
            rows=4,
        ),
        Field(
            "area",
            Message("Ämne"),
            Message("Välj det som ligger närmast. Hela området går också bra."),
            kind="area",
            required=True,
        ),
        Field(
            "status",
            Message("Hur långt har ni kommit?"),
            Message("Det som avbröts är minst lika värdefullt för andra."),
            kind="choice",
            required=True,
            choices=labels.STATUSES,
        ),
        _text(
            "advice",
            Message("Råd till andra"),
            Message("Ditt bästa råd till en kollega som ska börja."),
            Message("Be leverantören visa larmen på plats i er sämsta by."),
            3,
        ),
        Field(
            "contact_role",
            Message("Vem kan andra fråga?"),
            Message(
                "Skriv en roll eller en enhet, inte ett namn. Roller lever längre än personer."
            ),
            Message("Enheten för välfärdsteknik"),
            required=True,
        ),
        Field(
            "contact_email",
            Message("Funktionsbrevlåda"),
            Message("E-postadress som flera läser. Undvik personliga adresser."),
            "valfardsteknik@exempelkommun.se",
            "email",
            chars_max=EMAIL_CHARS_MAX,
            autocomplete="off",
        ),
        Field(
            "contact_phone",
            Message("Telefon"),
            Message("Gärna växeln."),
            "08-465 004 00",
            "tel",
            chars_max=PHONE_CHARS_MAX,
        ),
    ),
    folded=False,
)

STORY = Section(
    "berattelse",
    Message("Berätta"),
    Message("Fyll i det ni hinner. Punktlistor skrivs med bindestreck först på raden."),
    (
        _text(
            "situation",
            Message("Läget"),
            Message("Vad var problemet eller behovet?"),
            Message("De analoga larmen slutade fungera när kopparnätet stängdes."),
        ),
        _text(
            "actions",
            Message("Vad vi gjorde"),
            Message("Stegen i den ordning de togs."),
            Message("Mätte täckningen i alla byar, utbildade hemtjänsten, bytte by för by."),
        ),
        _text(
            "results",
            Message("Resultat"),
            Message("Gärna med siffror, och hur ni mätte dem."),
            Message("Falsklarmen minskade från 30 till 12 i veckan, räknat mars till maj."),
        ),
        _text(
            "lessons_well",
            Message("Det gick bra"),
            Message("Vad skulle ni göra likadant?"),
            Message("Hemtjänstpersonalen var med och valde larm."),
            4,
        ),
        _text(
            "lessons_change",
            Message("Det skulle vi göra om"),
            Message("Vad skulle ni göra annorlunda?"),
            Message("Vi skulle ha mätt täckningen innan vi skrev avtalet."),
            4,
        ),
        _text(
            "preconditions",
            Message("Förutsättningar"),
            Message("Vad måste finnas på plats: storlek, personal, avtal, teknik?"),
            Message("En person på halvtid i ett halvår. Fungerande inloggning med e-legitimation."),
            4,
        ),
    ),
)

COST = Section(
    "kostnad",
    Message("Kostnad"),
    Message("Ungefär räcker. Skriv två belopp om det är ett spann."),
    (
        Field("cost_one_off", Message("En gång, kronor"), "", "185 000", "number"),
        Field("cost_one_off_max", Message("Högst, om det är ett spann"), "", "240 000", "number"),
        Field("cost_yearly", Message("Per år, kronor"), "", "62 000", "number"),
        Field(
            "cost_yearly_max",
            Message("Högst per år, om det är ett spann"),
            "",
            "70 000",
            "number",
        ),
        Field(
            "cost_hours",
            Message("Egen tid, timmar"),
            Message("Allas tid tillsammans."),
            "320",
            "number",
        ),
        Field(
            "cost_note",
            Message("Om kostnaden"),
            Message("Vad ingår, och vad ingår inte?"),
            Message("Utbildningstid för hemtjänsten är inte medräknad."),
            "text",
            chars_max=NOTE_CHARS_MAX,
            rows=3,
            markdown=True,
        ),
    ),
)

TIME = Section(
    "tid",
    Message("Tid"),
    Message("År räcker. Månad eller dag går också bra."),
    (
        Field(
            "started", Message("Började"), "", Message("2024, mars 2024 eller 2024-03-15"), "date"
        ),
        Field("live", Message("Togs i drift"), "", Message("november 2024"), "date"),
        Field("ended", Message("Slutade"), "", "2026", "date"),
    ),
)

PRODUCTS = Section(
    "produkter",
    Message("Produkter och avtal"),
    Message(
        "System och leverantörer, och om andra får avropa på ert avtal. Tomma rader hoppas över."
    ),
    (
        Field("name", Message("Produkt eller tjänst"), "", Message("Larmsystemet Exempel")),
        Field("supplier", Message("Leverantör"), "", Message("Exempelbolaget AB")),
        Field(
            "call_off",
            Message("Kan andra avropa på avtalet?"),
            kind="choice",
            choices=labels.CALL_OFF,
        ),
        Field("call_off_until", Message("Avtalet gäller till"), "", "2027-12-31", "date"),
    ),
    repeated="product",
)

LEGAL = Section(
    "juridik",
    Message("Juridik"),
    Message("Kort om det som andra också måste ta ställning till."),
    (
        Field(
            "legal_personal_data",
            Message("Behandlas personuppgifter?"),
            kind="choice",
            choices=YES_OR_NO,
        ),
        Field(
            "legal_dpia",
            Message("Är en konsekvensbedömning gjord?"),
            kind="choice",
            choices=YES_OR_NO,
        ),
        Field("legal_procurement", Message("Upphandlingsform"), "", PROCUREMENT_EXAMPLE),
        Field(
            "legal_note",
            Message("Annat om lag och avtal"),
            "",
            Message("Personuppgiftsbiträdesavtal enligt SKR:s mall."),
            "text",
            chars_max=NOTE_CHARS_MAX,
            rows=3,
            markdown=True,
        ),
    ),
)

LINKS = Section(
    "lankar",
    Message("Länkar"),
    Message("Till beslut, rapporter eller kod som andra kommer åt. Tomma rader hoppas över."),
    (
        Field(
            "url",
            Message("Adress"),
            "",
            "https://exempelkommun.se/rapport",
            chars_max=URL_CHARS_MAX,
        ),
        Field("title", Message("Vad är det?"), "", Message("Slutrapporten, 12 sidor")),
    ),
    repeated="link",
)

ATTACHMENTS = Section(
    "bilagor",
    Message("Bilagor"),
    Message("Planer, rapporter, mallar och bilder som andra kan ha nytta av."),
    (
        Field("sha256", Message("Fil")),
        Field("media_type", Message("Slag")),
        Field("size_bytes", Message("Storlek")),
        Field("name", Message("Filnamn")),
        Field("description", Message("Vad innehåller filen?")),
    ),
    repeated="attachment",
)

SPREAD = Section(
    "spridning",
    Message("Spridning och sökord"),
    Message("Förvalen passar de flesta."),
    (
        Field(
            "visibility",
            Message("Vem får läsa?"),
            Message(
                "”Bara för anslutna kommuner” är inget sekretesskydd. Uppgifter med sekretess ska "
                "aldrig skrivas här."
            ),
            kind="choice",
            choices=labels.VISIBILITIES,
        ),
        Field(
            "collaboration_open",
            Message("Vi vill gärna samarbeta med andra om det här"),
            kind="check",
        ),
        Field(
            "licence",
            Message("Villkor för att använda texten"),
            kind="choice",
            choices=labels.LICENCES,
        ),
        Field(
            "tags",
            Message("Sökord"),
            Message("Högst tio, med komma emellan."),
            Message("trygghetslarm, kopparnätet, täckning"),
            chars_max=700,
        ),
        Field(
            "valid_until",
            Message("Gäller till"),
            Message("Efter den dagen visas att texten kan vara inaktuell."),
            "2028-12-31",
            "date",
        ),
        Field("review_date", Message("Ses över senast"), "", "2027-06-30", "date"),
        Field(
            "related",
            Message("Hör ihop med"),
            Message("Adresser till andra erfarenheter i Tidan, en på varje rad."),
            "",
            "text",
            chars_max=6000,
            rows=2,
        ),
        Field(
            "klassa",
            Message("KLASSA-kod"),
            Message("Om ni klassar handlingar så."),
            "3.7.2",
            chars_max=60,
        ),
        Field("language", Message("Språk"), kind="choice", choices=LANGUAGES),
    ),
)

LINE_WORDS: Final = {
    "product": Message("Produkt"),
    "link": Message("Länk"),
    "attachment": Message("Bilaga"),
}
SECTIONS: Final = (REQUIRED, STORY, COST, TIME, PRODUCTS, LEGAL, LINKS, SPREAD, SOURCE, ATTACHMENTS)
REPEATED_ROWS_MIN = 2
REPEATED_ROWS_MAX = 12
DEFAULTS: Final = {
    "type": "erfarenhet",
    "licence": "CC0-1.0",
    "visibility": "public",
    "language": "sv",
}
"""What the form says until somebody chooses otherwise."""

CHECKLIST: Final = (
    Message(
        "Inga uppgifter om enskilda personer, varken namn eller något som går att "
        "känna igen dem på."
    ),
    Message(
        "Inget om skydd: larm, lås, nätritningar, brister som någon kan utnyttja, "
        "säkerhetsskydd, risk- och sårbarhetsanalyser."
    ),
    Message("Inget ur en pågående upphandling, och inga affärshemligheter från en leverantör."),
)
"""One row for each kind of what is secret: people, protection, business."""
