"""What importers say, in the reader's language: each phrase of node/importers/phrases.py once.

Names of a record's fields inside a phrase are said in words as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.importers import phrases
from node.importers.csv_columns import FIELDS
from node.importers.csv_table import SEPARATORS
from node.importers.notes import Note
from node.web.message import Message, Value

FIELD_WORDS: Final[Mapping[str, Message]] = {
    "id": Message("Id eller diarienummer"),
    "title": Message("Titel"),
    "summary": Message("Sammanfattning"),
    "type": Message("Slag"),
    "area": Message("Ämne"),
    "status": Message("Hur långt"),
    "contact_role": Message("Vem kan andra fråga?"),
    "contact_email": Message("Funktionsbrevlåda"),
    "contact_phone": Message("Telefon"),
    "situation": Message("Läget"),
    "actions": Message("Vad vi gjorde"),
    "results": Message("Resultat"),
    "lessons_well": Message("Det gick bra"),
    "lessons_change": Message("Det skulle vi göra om"),
    "advice": Message("Råd till andra"),
    "preconditions": Message("Förutsättningar"),
    "cost_one_off": Message("Kostnad en gång, kronor"),
    "cost_one_off_max": Message("Kostnad en gång, högst"),
    "cost_yearly": Message("Kostnad per år, kronor"),
    "cost_yearly_max": Message("Kostnad per år, högst"),
    "cost_hours": Message("Egen tid, timmar"),
    "cost_note": Message("Om kostnaden"),
    "started": Message("Började"),
    "live": Message("Togs i drift"),
    "ended": Message("Slutade"),
    "product": Message("Produkt eller tjänst"),
    "supplier": Message("Leverantör"),
    "call_off": Message("Kan andra avropa på avtalet?"),
    "link": Message("Länk"),
    "tags": Message("Sökord"),
    "licence": Message("Villkor för att använda texten"),
    "language": Message("Språk"),
    "klassa": Message("KLASSA-kod"),
    "valid_until": Message("Gäller till"),
    "review_date": Message("Ses över senast"),
    "legal_personal_data": Message("Behandlas personuppgifter?"),
    "legal_dpia": Message("Är en konsekvensbedömning gjord?"),
    "legal_procurement": Message("Upphandlingsform"),
    "legal_note": Message("Annat om lag och avtal"),
    "visibility": Message("Vem får läsa?"),
    "collaboration_open": Message("Vi vill gärna samarbeta"),
    # What readers other than the table's call them.
    "contact": Message("Kontakt"),
    "cost": Message("Kostnad"),
    "timeline": Message("Tid"),
    "products": Message("Produkter och avtal"),
    "legal": Message("Juridik"),
    "links": Message("Länkar"),
    "related": Message("Hör ihop med"),
    "attachments": Message("Bilagor"),
    "source": Message("Källa"),
}
TARGETS: Final = {name: FIELD_WORDS[name] for name in FIELDS}
"""What a column can be."""

SEPARATOR_WORDS: Final = dict(
    zip(
        SEPARATORS,
        (Message("semikolon"), Message("komma"), Message("tabb"), Message("lodstreck")),
        strict=True,
    )
)

SAID: Final[Mapping[str, Message]] = {
    phrases.CUT: Message("%(field)s: kortat från %(before)s till %(after)s tecken."),
    phrases.ASSUMED: Message("%(field)s saknas, så det blev %(value)s."),
    phrases.ADDRESSES_LEFT_OUT: Message(
        "%(field)s: %(count)s e-postadresser kan vara personliga och är utelämnade."
    ),
    phrases.CONTACT_LEFT_OUT: Message(
        "Kontaktens e-postadress (och telefon) kan vara en persons och är utelämnad. Använd en "
        "funktionsbrevlåda."
    ),
    phrases.NO_SUMMARY: Message("Sammanfattning saknas, så första stycket användes."),
    phrases.UNFIT: Message("%(field)s: det som står här går inte att använda. Skriv om det."),
    phrases.TOO_LONG: Message("Texterna är för långa tillsammans. Korta den längsta."),
    phrases.READ_AS: Message(
        "Filen är inte UTF-8. Den är läst som %(encoding)s, så titta efter att å, ä och ö är rätt."
    ),
    phrases.TOO_LARGE: Message("Filen är för stor. Dela den i flera."),
    phrases.NOT_UTF8: Message("Filen är inte UTF-8. Spara den som UTF-8 och försök igen."),
    phrases.NOT_READABLE: Message("Filen går inte att läsa."),
    phrases.NO_TEXT: Message("Det här är ingen textfil."),
    phrases.WORKBOOK: Message(
        "Det här är en arbetsbok från ett kalkylprogram. Spara bladet som CSV (UTF-8) och välj den "
        "filen i stället."
    ),
    phrases.NO_FILES: Message("I mappen finns ingen fil som slutar på %(endings)s."),
    phrases.BROKEN_YAML: Message("YAML-delen går inte att läsa: %(why)s."),
    phrases.DEEP_YAML: Message("YAML-delen är nästlad för djupt."),
    phrases.KEY_IS_NO_TEXT: Message("YAML-delen har ett fältnamn som inte är text."),
    phrases.KEY_TWICE: Message("%(key)s står två gånger."),
    phrases.OPEN_FRONT: Message("Fälten som börjar här slutar inte med en rad med ---."),
    phrases.SECOND_PART: Message("Samma rubrik en gång till: %(heading)s."),
    phrases.NO_FIELDS: Message("Överst i filen väntas fält, ett på varje rad (namn: värde)."),
    phrases.NO_FIELD: Message("%(word)s är inget fält och är utelämnat."),
    phrases.TWO_NAMES: Message("%(word)s står två gånger, under två namn."),
    phrases.BOTH: Message("%(field)s står både bland fälten och i texten."),
    phrases.NO_TITLE: Message("Titel saknas, så filens namn användes."),
    phrases.NO_PUBLICCODE: Message(
        "Det här är ingen publiccode.yml: både namn och beskrivning saknas."
    ),
    phrases.NO_NAME: Message("Programvaran har inget namn."),
    phrases.NO_PLACE: Message("Utelämnat, det har ingen plats i en erfarenhet: %(keys)s."),
    phrases.UNKNOWN_STATUS: Message("developmentStatus ”%(value)s” är okänd, så det blev I drift."),
    phrases.TAGS_CUT: Message("De första %(kept)s av %(given)s sökord är med."),
    phrases.NO_LICENCE: Message("legal.license saknas, så villkoren är inte angivna."),
    phrases.OWNERS_LEFT_OUT: Message(
        "mainCopyrightOwner eller repoOwner kan vara en person och är utelämnad."
    ),
    phrases.NO_LANGUAGE: Message("”%(value)s” är ingen språkkod, så det blev svenska."),
    phrases.NO_DESCRIPTION: Message("Beskrivning saknas, så namnet blev sammanfattning."),
    phrases.LANGUAGE_TAKEN: Message(
        "Beskrivningen är tagen på språket %(taken)s. Av %(others)s är bara den korta "
        "beskrivningen med."
    ),
    phrases.NO_ADDRESS: Message("%(title)s: %(value)s är ingen webbadress och är utelämnad."),
    phrases.PERSONS_LEFT_OUT: Message(
        "Kontaktpersoners namn, telefonnummer och personliga e-postadresser är utelämnade, så att "
        "inga personuppgifter sprids. Funktionsbrevlådor som är med: %(count)s."
    ),
    phrases.USED_BY: Message(
        "Enligt filen används den av %(names)s. Inget sägs i deras namn: de får frågan när de "
        "läser erfarenheten."
    ),
    phrases.EMPTY_TABLE: Message("Det finns inget i tabellen."),
    phrases.NO_TABLE: Message(
        "För många rader är trasiga. Kontrollera skiljetecken och citattecken."
    ),
    phrases.BROKEN_ROW: Message(
        "Citattecknen går inte ihop. Skriv ett citattecken inne i en cell två gånger och importera "
        "igen."
    ),
    phrases.LONG_CELL: Message(
        "En cell är för lång. Korta den, eller leta efter ett citattecken som aldrig slutar."
    ),
    phrases.MANY_COLUMNS: Message("Tabellen har fler än %(most)s kolumner."),
    phrases.MANY_CELLS: Message(
        "Raden har %(cells)s celler i en tabell med %(columns)s kolumner. Sätt citattecken om en "
        "cell som innehåller skiljetecknet."
    ),
    phrases.ROWS_CUT: Message(
        "Bara de första %(most)s raderna är lästa. Lägg resten i en egen fil."
    ),
    phrases.NO_COLUMN: Message("Det finns ingen kolumn %(column)s i filen."),
    phrases.NO_SUCH_FIELD: Message("En erfarenhet har inget fält %(field)s."),
    phrases.TWO_COLUMNS: Message(
        "Två kolumner är valda som %(field)s. Låt en av dem vara utanför."
    ),
    phrases.NO_TITLE_COLUMN: Message("Ingen kolumn är titel. Välj vilken det ska vara."),
    phrases.BAD_VALUE: Message("%(value)s kan inte vara %(field)s för alla rader."),
    phrases.NO_MAPPING: Message("Kolumnernas val går inte att läsa. %(words)s"),
    phrases.NO_ENCODING: Message("Teckenkodningen är någon av %(known)s."),
    phrases.NO_SEPARATOR: Message("Skiljetecknet är semikolon, komma, tabb eller lodstreck."),
    phrases.NO_ROW_TITLE: Message("Raden har ingen titel. Skriv en, eller ta bort raden."),
    phrases.NO_AMOUNT: Message(
        "%(value)s är inget belopp. Skriv med siffror, till exempel 185 000 eller 1,5 mkr."
    ),
    phrases.TWO_AMOUNTS: Message(
        "%(value)s går att läsa på två sätt. Skriv utan punkt eller komma före tre siffror."
    ),
    phrases.ROUNDED: Message("%(value)s är avrundat till %(number)s."),
    phrases.NO_DATE: Message(
        "%(value)s är inget datum. Skriv till exempel 2024, 2024-03 eller 2024-03-15."
    ),
    phrases.NO_CHOICE: Message("%(field)s: %(value)s finns inte. Skriv något av %(known)s."),
    phrases.NO_AREA: Message(
        "%(value)s är inget ämne. Skriv ämnets namn som det står på sidan Ämnen."
    ),
    phrases.NO_YES_NO: Message("%(value)s är varken ja eller nej."),
    phrases.NOT_A_MAILBOX: Message(
        "E-postadressen kan vara en persons och är utelämnad. Använd en funktionsbrevlåda."
    ),
    phrases.LINKS_CUT: Message("%(value)s är ingen webbadress och är utelämnad."),
    phrases.SAME_THING: Message("En annan fil eller rad i samma import är samma sak."),
    phrases.RECORD_OF_THAT_TITLE: Message("Ni har redan publicerat en erfarenhet med den titeln."),
    phrases.DRAFT_OF_IT: Message("Det finns redan ett utkast av den."),
    phrases.DRAFT_OF_THAT_TITLE: Message("Det finns redan ett utkast med den titeln."),
    phrases.TITLE_TWICE: Message("En annan fil eller rad i samma import har samma titel."),
}


def said(note: Note) -> Message:
    """A note, as pages say it."""
    values: dict[str, Value] = dict(note.values)
    field = str(values.get("field", ""))
    if field in FIELD_WORDS:
        values["field"] = FIELD_WORDS[field]
    return Message(SAID[note.template].template, **values)
