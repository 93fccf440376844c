"""The words staff meet for the codes that records carry. One place, so they never differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.municipal import taxonomy
from node.web.message import Message, said
from storage.record_views import NO_ACCEPTED, NO_ANSWER

RECORD_TYPES: Final[dict[str, str]] = {
    "erfarenhet": Message("Erfarenhet"),
    "fraga": Message("Fråga"),
    "samverkan": Message("Söker samverkan"),
    "losning": Message("Lösning i bruk"),
    "omvarld": Message("Omvärldsspaning"),
    "upphandling": Message("Upphandling eller avtal"),
}
RECORD_TYPE_HELP: Final[dict[str, str]] = {
    "erfarenhet": Message("Något ni har prövat, och vad ni lärde er."),
    "fraga": Message("Något ni vill veta av andra."),
    "samverkan": Message("Ett behov som ni gärna löser tillsammans med någon."),
    "losning": Message("Ett system eller arbetssätt som ni använder i dag."),
    "omvarld": Message("Anteckningar från en mässa, ett studiebesök eller en rapport."),
    "upphandling": Message("Ett avtal eller en upphandling som andra kan ha nytta av."),
}
STATUSES: Final[dict[str, str]] = {
    "ide": Message("Idé"),
    "pilot": Message("Pilot"),
    "drift": Message("I drift"),
    "avslutat": Message("Avslutat"),
    "avbrutet": Message("Avbrutet"),
}
ANSWERS: Final[dict[str, str]] = {
    NO_ANSWER: Message("Frågor utan svar"),
    NO_ACCEPTED: Message("Frågor som väntar på svar som hjälper"),
}
STATUS_CLASSES: Final = {"drift": "in-use", "avbrutet": "stopped"}
CALL_OFF: Final[dict[str, str]] = {
    "ja": Message("Ja"),
    "nej": Message("Nej"),
    "okant": Message("Vet inte"),
}
VISIBILITIES: Final[dict[str, str]] = {
    "public": Message("Öppen för alla"),
    "federation": Message("Bara för anslutna kommuner"),
}
FILE_TYPES: Final[dict[str, str]] = {
    "application/pdf": "PDF",
    "application/vnd.oasis.opendocument.presentation": Message("Presentation (ODP)"),
    "application/vnd.oasis.opendocument.spreadsheet": Message("Kalkylblad (ODS)"),
    "application/vnd.oasis.opendocument.text": Message("Textdokument (ODT)"),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "image/gif": Message("Bild (GIF)"),
    "image/jpeg": Message("Bild (JPEG)"),
    "image/png": Message("Bild (PNG)"),
    "image/webp": Message("Bild (WebP)"),
    "text/csv": Message("Tabell (CSV)"),
    "text/plain": Message("Text"),
}
COMMENT_KINDS: Final[dict[str, str]] = {
    "comment": Message("Kommentar"),
    "question": Message("Fråga"),
    "answer": Message("Svar"),
}
LICENCES: Final[dict[str, str]] = {
    "CC0-1.0": Message("Fritt att använda utan villkor (CC0)"),
    "CC-BY-4.0": Message("Fritt att använda om källan anges (CC BY 4.0)"),
}
# What a record may carry beside the two that can be chosen.
LICENCES_SHOWN: Final[dict[str, str]] = LICENCES | {
    "NOASSERTION": Message("Inte angivna, fråga avsändaren")
}
# SKR's groups of municipalities, by their Swedish names; in English as SKR names them.
MUNICIPALITY_GROUPS: Final[dict[str, str]] = {
    "Storstäder": Message("Storstäder"),
    "Pendlingskommun nära storstad": Message("Pendlingskommun nära storstad"),
    "Större stad": Message("Större stad"),
    "Pendlingskommun nära större stad": Message("Pendlingskommun nära större stad"),
    "Lågpendlingskommun nära större stad": Message("Lågpendlingskommun nära större stad"),
    "Mindre stad/tätort": Message("Mindre stad/tätort"),
    "Pendlingskommun nära mindre tätort": Message("Pendlingskommun nära mindre tätort"),
    "Landsbygdskommun": Message("Landsbygdskommun"),
    "Landsbygdskommun med besöksnäring": Message("Landsbygdskommun med besöksnäring"),
}
YES_NO: Final[dict[bool, str]] = {True: Message("Ja"), False: Message("Nej")}

# Shown once after an act, looked up by the short code in the address (never free text).
RECEIPTS: Final = {
    "kommentar": Message("Tack. Kommentaren är publicerad och skickas till grannkommunerna."),
    "anvander": Message("Nu står det att ni också använder detta."),
    "hjalpte": Message("Tack. Nu ser avsändaren och alla andra att det var till hjälp."),
    "samverka": Message("Nu står det att ni vill samverka."),
    "planerar": Message("Nu står det att ni planerar samma sak."),
    "angrat": Message("Uppgiften är tillbakatagen."),
    "accepterat": Message("Svaret är markerat som det som hjälpte."),
    "andrad": Message("Ändringen är publicerad. Tidigare versioner finns kvar i historiken."),
    "aterkallad": Message("Erfarenheten är återkallad. Andra kommuner får besked om det."),
    "tillagd": Message("Kommunen är tillagd. Dess erfarenheter hämtas nu."),
    "inte-nu": Message("Kommunen läggs inte till nu. Ni kan ändra er längre ned på sidan."),
    "aldrig": Message(
        "Kommunen är blockerad. Inget tas emot från den förrän någon här ändrar det."
    ),
    "kvot": Message("Kvoten är ändrad."),
    "kvot-standard": Message("Kvoten är som inställningarna anger."),
    "forsoker": Message("Nytt försök pågår."),
    "beslut-genomforda": Message("Ändringarna i filen är genomförda."),
    "tittat": Message("Allt är kontrollerat igen."),
    "larm-ja": Message("Du får brev när något behöver åtgärdas."),
    "larm-nej": Message("Du får inga brev om det som behöver åtgärdas."),
    "pausad": Message("Kontakten är pausad."),
    "aterupptagen": Message("Kontakten är igång igen."),
    "godkand": Message("Kommunen är er granne nu. Deras erfarenheter hämtas."),
    "inte-nu-granne": Message("Kommunen blir inte granne nu. Ni kan ändra er längre ned på sidan."),
    "ansluter": Message("Kommunen är tillagd hos er. Nedan syns vad som återstår."),
    "borttagen": Message("Kommunen är inte längre granne. Det som har kommit därifrån finns kvar."),
    "inbjudan-tillbaka": Message("Inbjudan är tillbakatagen. Länken fungerar inte längre."),
    "namn": Message("Namnet är undertecknat. Alla ser det när det har nått dem."),
    "adress": Message("Adressen är undertecknad. Grannarna ser den när den har nått dem."),
    "fortsatter": Message("Det är undertecknat. Det syns för andra när båda har sagt det."),
    "fortsatter-inte": Message("Det är tillbakataget. Alla kan se skälet."),
    "lamnade-natverket": Message(
        "Kommunen har lämnat nätverket. Låt servern vara igång en tid till."
    ),
    "ny-adress": Message("Den nya adressen används från nu."),
    "introduktion-tillbaka": Message("Introduktionen är tillbakatagen. Alla kan se skälet."),
    "utkast": Message("Utkastet är sparat. Det finns under Mina utkast tills du publicerar det."),
    "utkast-nytt": Message(
        "Utkastet fanns inte längre: det har publicerats eller kastats, kanske i ett annat "
        "fönster. Texten är sparad som ett nytt utkast. Se efter bland erfarenheterna innan ni "
        "publicerar."
    ),
    "lamnat": Message("Texten är lämnad till granskning. En redaktör läser den nu."),
    "tillbaka": Message("Texten är tillbakaskickad till den som skrev den."),
    "kastat": Message("Utkastet är kastat."),
    "importerat": Message(
        "Utkasten är gjorda. De ligger under Mina utkast. Gå igenom dem och publicera ett i taget."
    ),
    "importerat-fullt": Message(
        "Det får inte plats fler utkast. De som fick plats ligger under Mina utkast. Publicera "
        "eller kasta några och kom tillbaka hit, så fortsätter importen där den slutade."
    ),
    "import-kastad": Message("Importen är kastad. Utkast som är gjorda av den ligger kvar."),
    "valt-egen": Message(
        "Utkastet fortsätter med din text. Den andra är undanlagd som ett eget utkast."
    ),
    "valt-sparad": Message(
        "Utkastet fortsätter med den sparade texten. Din ligger under Mina utkast."
    ),
    "utloggad": Message("Du är utloggad."),
    "utloggad-overallt": Message("Du är utloggad på alla datorer och telefoner."),
    "valkommen": Message("Välkommen. Ditt lösenord gäller nu, och du är inloggad."),
    "losenord": Message("Lösenordet är bytt. Du är utloggad överallt utom här."),
    "roll": Message("Rollen är bytt. Kollegan loggar in igen och har då sin nya roll."),
    "stangt": Message(
        "Kontot är stängt, och kollegan är utloggad. Det som är publicerat står kvar."
    ),
    "oppnat": Message("Kontot är öppet igen, med samma lösenord och roll som förut."),
    "foljer": Message("Du följer det här nu. Det som händer visas under Nytt för dig."),
    "foljer-inte": Message("Du följer inte det här längre."),
    "flode-slut": Message("Den personliga adressen fungerar inte längre."),
    "utskick-fraga": Message(
        "Ett brev med en länk är på väg. Öppna länken för att bekräfta adressen."
    ),
    "utskick-andrat": Message("Ändringen är sparad."),
    "utskick-slut": Message("Du får inga fler brev. Adressen är borttagen härifrån."),
    "synpunkt": Message("Tack. Synpunkten är mottagen, och den som är driftansvarig läser den."),
    "synpunkt-klar": Message("Synpunkten är borttagen."),
    "nyckel-slut": Message("Nyckeln fungerar inte längre."),
    "lank": Message("Länken fungerar inte längre."),
}


def label(words: Mapping[str, str], code: str | None) -> str:
    """The word for a code; a code from a newer version is shown as it stands."""
    return words.get(code or "", code or "")


def area(area_id: str, *, inside: bool = False) -> Message:
    """The name of an area or subarea; `inside` a sentence it begins with a small letter."""
    return said(
        lambda formats: (lower_first if inside else str)(taxonomy.label(area_id, formats.language))
    )


def lower_first(words: str) -> str:
    """As inside a sentence: "hemtjänst", but "IT, digitalisering" keeps its capitals."""
    return words if words[:2].isupper() else words[:1].lower() + words[1:]


# Why something was refused, by the error's code; the technical text stands folded below.
REFUSALS: Final = {
    "recovering": Message(
        "Kommunens egna texter hämtas just nu tillbaka från grannarna. Tills allt är på plats "
        "går det att läsa, men inte att publicera. Prova igen om en stund. Hur det går syns "
        "under Grannar."
    ),
    "not_all_heard": Message(
        "Servern har varit avstängd länge. Om den är återställd från en gammal kopia har grannarna "
        "texter som saknas här, så inget publiceras förrän alla har svarat. Vilka som dröjer står "
        "under Grannar."
    ),
    "stopping": Message(
        "Servern stängs av eller startas om just nu, så inget publicerades. Prova igen om en stund."
    ),
    "new_key_needed": Message(
        "Nyckeln behöver bytas innan något kan publiceras: servern vet inte om alla kommunens egna "
        "texter finns kvar. Den som sköter servern ser under Nyckel och återställning hur det går "
        "till."
    ),
    "frozen": Message(
        "Kommunens egen följd av texter finns i två versioner, så inget nytt kan undertecknas. "
        "Den som sköter servern behöver reda ut det."
    ),
    "has_left": Message(
        "Kommunen har lämnat nätverket, så inget mer kan publiceras härifrån. Var det ett "
        "misstag kan den som sköter servern öppna det igen med återställningsbladet."
    ),
    "bad_argument": Message(
        "Något i formuläret går inte att publicera, eller gäller en text som inte längre finns "
        "här. Gå tillbaka och ladda om sidan."
    ),
    "review_needed": Message(
        "En redaktör som inte har skrivit texten behöver läsa den först. Den som har skrivit "
        "lämnar den till granskning."
    ),
    "damaged_log": Message(
        "En text som behövs för det här kan inte läsas just nu, eftersom disken har ändrat den. "
        "Noden ber grannarna om den på nytt. Försök igen om en stund."
    ),
    "database_failed": Message(
        "Det gick inte att spara: servern kan inte skriva till sin disk eller databas just nu. Det "
        "du skrev är kvar på sidan du kom från. Försök igen om en stund, och se då först efter om "
        "texten ändå finns här. Den som sköter servern ser mer under Att åtgärda."
    ),
    "overloaded": Message("Det är mycket på gång just nu. Vänta en minut och försök igen."),
    "standing_refused": Message(
        "Beslutet går inte att ta för den kommunen. Ladda om sidan och se vad som gäller nu."
    ),
    "unknown_user": Message(
        "Kontot är stängt eller finns inte längre. Ladda om sidan och se vad som gäller nu."
    ),
    "too_many_follows": Message(
        "Du följer redan så mycket som det går. Sluta följa något under Det du följer, eller "
        "följ en sökning i stället för många enskilda erfarenheter."
    ),
    "other": Message(
        "Det gick inte den här gången. Försök igen om en stund. Händer det igen, visa den som "
        "sköter servern uppgiften nedan."
    ),
}


def refusal(code: str) -> str:
    """Why it was refused and what to do, for an error's code."""
    return REFUSALS.get(code, REFUSALS["other"])
