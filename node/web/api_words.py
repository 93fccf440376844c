"""The words about the API: what each address is for, what each parameter means, what tokens may."""

from __future__ import annotations

from typing import Final

from node.web.message import Message

OPERATIONS: Final = {
    "listRecords": Message(
        "Erfarenheter, de nyaste först eller de bästa för q, med samma avgränsningar som listan på "
        "webben. Varje svar säger också hur många varje avgränsning skulle visa."
    ),
    "getRecord": Message(
        "En erfarenhet med hela texten, alla versioner och det andra kommuner har svarat."
    ),
    "listMunicipalities": Message("Kommuner som delar något här, i svensk bokstavsordning."),
    "getMunicipality": Message("En kommun: hur mycket den delar, om vad, och vad den använder."),
    "getStatistics": Message(
        "Hur mycket som delas, frågas och kommer till nytta, efter ämne, kommun och tid."
    ),
    "listLogs": Message("Kommunernas undertecknade loggar, och hur långt de är hämtade hit."),
    "getLog": Message("En undertecknad logg."),
    "listNeighbours": Message("Grannarna, och hur utbytet med var och en går."),
    "getOpenApi": Message("Den här beskrivningen för program, som OpenAPI 3.1."),
}
PARAMETERS: Final = {
    "q": Message("Ord som alla ska finnas i erfarenheten eller i kommunens namn."),
    "area": Message("Ett ämne eller en del av ett, till exempel aldre eller aldre.hemtjanst."),
    "type": Message("Vilket slags erfarenhet."),
    "municipality": Message("Kommunkod med fyra siffror."),
    "status": Message("Hur långt det har kommit."),
    "place": Message("En trakt: våra grannar, en delregion eller ett län."),
    "group": Message("Ett slags kommun: de som liknar vår, eller en av SKR:s grupper."),
    "year": Message("Året då den publicerades, eller månaden: 2026 eller 2026-11."),
    "collaboration_open": Message("true: bara det som är öppet för samverkan."),
    "product": Message("En produkt, hur den än är stavad, eller början på några produkters namn."),
    "supplier": Message("En leverantör, på samma sätt."),
    "answers": Message(
        "saknas: bara frågor utan svar. vantar: också de vars svar inte är markerade som hjälp."
    ),
    "page": Message("Sidans nummer, från 1."),
    "page_size": Message("Så många på varje sida."),
    "version": Message("Id för en tidigare version; annars visas den som gäller."),
    "id": Message("Erfarenhetens id, 64 hexadecimala siffror."),
    "code": Message("Kommunkod med fyra siffror."),
    "log": Message("Loggens id, 64 hexadecimala siffror."),
}
SCOPES: Final = {
    "read-federation": Message("Läser också det som bara är för anslutna kommuner."),
    "admin": Message("Läser dessutom hur det går med grannarna och vad ni har bestämt om loggar."),
}
TITLE: Final = Message("Tidan, ett gemensamt minne för kommuner")
ABOUT: Final = Message(
    "Läser det som den här kommunen har och har hämtat från sina grannar. Inget skrivs över API:et."
)
