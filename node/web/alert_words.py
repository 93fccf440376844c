"""What is said about each condition that needs a person: what it is, why, and the one thing to do.

One entry a code of node/alerts/conditions.py; page, letter, webhook and `tidan doctor` say this.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.web.alert_shape import KEYS, NEIGHBOURS, AlertWords, Make, day_of, name_of, time_of
from node.web.message import Message
from node.web.store_alert_words import STORE_WORDS
from storage.alert_store import Facts, Raised


def alert_words(raised: Raised) -> AlertWords:
    """The words about a condition; one of a code that is no longer known is named by it."""
    make = WORDS.get(raised.code)
    if make is None:
        return AlertWords(raised.code, "", "")
    return make(raised.subject, raised.facts)


def _task_ended(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("En del av noden har stannat"),
        Message(
            "En av dess uppgifter slutade oväntat. Det som kommer in sparas eller visas "
            "kanske inte."
        ),
        Message("Starta om noden, och läs i dess logg vad som hände."),
        is_grave=True,
    )


def _own_fork(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Er egen logg finns i två versioner"),
        Message(
            "Två olika inlägg har undertecknats på samma plats. Loggen är fryst, och inget "
            "mer kan publiceras."
        ),
        Message(
            "Bestäm vilken server som ska vara kvar, och stäng av den andra. Byt sedan nyckel "
            "på den som är kvar: tidan key rotate."
        ),
        is_grave=True,
        place=f"{KEYS}#tva-versioner",
    )


def _own_copy(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Två servrar har er nyckel"),
        Message("En granne har mött båda. Inget publiceras härifrån förrän någon har rett ut det."),
        Message(
            "Stäng av den som inte ska vara kvar, och byt nyckel på den andra: tidan key rotate."
        ),
        is_grave=True,
        place=f"{KEYS}#tva-versioner",
    )


def _own_key_other(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Nyckeln på servern är inte den som gäller"),
        Message(
            "Antingen har nyckeln bytts på en annan server, eller så är en återställning inte "
            "klar. Inget publiceras härifrån."
        ),
        Message(
            "Stäng av den här servern om en annan har tagit över. Kör annars tidan recover igen."
        ),
        is_grave=True,
        place=f"{KEYS}#forlorad",
    )


def _new_key_needed(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Nyckeln behöver bytas innan något kan publiceras"),
        Message(
            "Filen som minns hur mycket ni har undertecknat är borta, så ingen vet om allt finns "
            "kvar här."
        ),
        Message("Låt grannarna svara, och byt sedan nyckel med återställningsbladet."),
        is_grave=True,
        place=f"{KEYS}#ovisst",
    )


def _fork(_subject: str, facts: Facts) -> AlertWords:
    name = name_of(facts)
    return AlertWords(
        Message("Loggen från %(name)s finns i två versioner", name=name),
        Message("Den är fryst här: det som har kommit går att läsa, men inget nytt tas emot."),
        Message("Ring %(name)s och berätta. Det är de som kan reparera den.", name=name),
        is_grave=True,
        place=NEIGHBOURS,
    )


def _name_refused(_subject: str, facts: Facts) -> AlertWords:
    name, wanted, like = name_of(facts), str(facts["wanted"]), str(facts["like"])
    return AlertWords(
        Message("%(name)s har bytt till ett namn som inte visas", name=name),
        Message(
            "Det nya namnet, ”%(wanted)s”, kan förväxlas med %(like)s. Därför står det gamla kvar.",
            wanted=wanted,
            like=like,
        )
        if like
        else Message("Det nya namnet är skrivet med tecken som kan förväxlas med andra."),
        Message(
            "Ring %(name)s och fråga. Har de inte själva bytt namn kan deras nyckel vara stulen.",
            name=name,
        ),
        place=NEIGHBOURS,
    )


def _recovering(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Egna texter hämtas tillbaka"),
        Message(
            "En del av det ni har publicerat saknas här, eller kan saknas. Inget "
            "publiceras förrän det är klart."
        ),
        Message("Se till att grannarna går att nå. Då ordnar det sig i regel av sig självt."),
        is_grave=True,
        place=NEIGHBOURS,
    )


def _not_all_heard(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Inget publiceras förrän alla grannar har svarat"),
        Message(
            "Servern har varit avstängd längre än en omstart tar. Är den återställd från en gammal "
            "kopia har grannarna texter som saknas här."
        ),
        Message(
            "Vilka som dröjer står under Grannar. Vet ni att servern inte är återställd kan ni "
            "pausa dem så länge."
        ),
        is_grave=True,
        place=NEIGHBOURS,
    )


def _neighbour_silent(_subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("%(name)s hörs inte av", name=name_of(facts)),
        Message("Ingen kontakt sedan %(when)s.", when=time_of(facts["since_ms"])),
        Message("Se under Grannar vad som hindrar, och ring dem om det dröjer."),
        place=NEIGHBOURS,
    )


def _neighbour_never_heard(_subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Ingen kontakt än med %(name)s", name=name_of(facts)),
        Message(
            "Grannen lades till %(when)s, men ingen förbindelse har fungerat.",
            when=time_of(facts["since_ms"]),
        ),
        Message("Se under Grannar vad som hindrar. Kontrollera att de har lagt till er."),
        place=NEIGHBOURS,
    )


def _own_certificate_ending(subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Webbplatsens certifikat går snart ut"),
        Message(
            "Det för %(address)s gäller till %(when)s. Sedan når varken läsare eller "
            "grannar noden.",
            address=subject,
            when=time_of(facts["ends_ms"]),
        ),
        Message("Förnya det, och kontrollera att det sker av sig självt nästa gång."),
    )


def _own_certificate_ended(subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Webbplatsens certifikat har gått ut"),
        Message(
            "Det för %(address)s gällde till %(when)s. Varken läsare eller grannar når noden.",
            address=subject,
            when=time_of(facts["ends_ms"]),
        ),
        Message("Förnya det, och kontrollera att det sker av sig självt nästa gång."),
        is_grave=True,
    )


def _neighbour_certificate_ending(_subject: str, facts: Facts) -> AlertWords:
    name = name_of(facts)
    return AlertWords(
        Message("Certifikatet hos %(name)s går snart ut", name=name),
        Message(
            "Det gäller till %(when)s. Sedan går det inte att nå dem härifrån.",
            when=time_of(facts["ends_ms"]),
        ),
        Message("Hör av er till %(name)s, om de inte har märkt det.", name=name),
        place=NEIGHBOURS,
    )


def _neighbour_certificate_ended(_subject: str, facts: Facts) -> AlertWords:
    name = name_of(facts)
    return AlertWords(
        Message("Certifikatet hos %(name)s har gått ut", name=name),
        Message(
            "Det gällde till %(when)s, och det går inte att nå dem härifrån.",
            when=time_of(facts["ends_ms"]),
        ),
        Message("Hör av er till %(name)s, om de inte har märkt det.", name=name),
        place=NEIGHBOURS,
    )


def _domain_missing(subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("%(domain)s bekräftar inte er logg", domain=subject),
        Message(
            "Kommunen anger domänen som sin, men där finns ingen bekräftelse under "
            "/.well-known/tidan."
        ),
        Message(
            "Be den som sköter webbplatsen lägga dit samma dokument som noden visar på den "
            "adressen."
        ),
    )


def _domain_other(subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("%(domain)s bekräftar en annan logg än er", domain=subject),
        Message("Dokumentet under /.well-known/tidan nämner ett annat id än er loggs."),
        Message(
            "Ta reda på vem som har lagt dit det, och byt till det som noden visar på samma adress."
        ),
        is_grave=True,
    )


def _domain_unreachable(subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("%(domain)s svarar inte", domain=subject),
        Message(
            "Kommunen anger domänen som sin. Om den bekräftar er logg har inte gått att se "
            "sedan %(when)s.",
            when=time_of(facts["since_ms"]),
        ),
        Message(
            "Kontrollera att webbplatsen svarar på https, och att domänen i kommunens "
            "uppgifter stämmer."
        ),
    )


def _key_old(_subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Er nyckel har använts länge"),
        Message("Samma nyckel har undertecknat sedan %(when)s.", when=day_of(facts["since_ms"])),
        Message("Planera ett byte: tidan key rotate. Nästa nyckel står på återställningsbladet."),
        place=KEYS,
    )


def _webhook_failing(_subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Larm går inte fram till ert andra system"),
        Message(
            "Adressen i webhook_url har inte tagit emot några sedan %(when)s.",
            when=time_of(facts["since_ms"]),
        ),
        Message("Kontrollera adressen, och att systemet svarar."),
    )


WORDS: Final[Mapping[str, Make]] = {
    **STORE_WORDS,
    "task_ended": _task_ended,
    "own_fork": _own_fork,
    "own_copy": _own_copy,
    "own_key_other": _own_key_other,
    "new_key_needed": _new_key_needed,
    "fork": _fork,
    "recovering": _recovering,
    "not_all_heard": _not_all_heard,
    "name_refused": _name_refused,
    "neighbour_silent": _neighbour_silent,
    "neighbour_never_heard": _neighbour_never_heard,
    "own_certificate_ending": _own_certificate_ending,
    "own_certificate_ended": _own_certificate_ended,
    "neighbour_certificate_ending": _neighbour_certificate_ending,
    "neighbour_certificate_ended": _neighbour_certificate_ended,
    "domain_missing": _domain_missing,
    "domain_other": _domain_other,
    "domain_unreachable": _domain_unreachable,
    "key_old": _key_old,
    "webhook_failing": _webhook_failing,
}
