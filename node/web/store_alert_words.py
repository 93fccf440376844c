"""What is said about conditions of what is stored: disk, attachments, quotas and damage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.web.alert_shape import NEIGHBOURS, QUOTA, AlertWords, Make, name_of, size_of, time_of
from node.web.message import Counted, Message
from storage.alert_store import Facts


def _disk_filling(_subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Disken håller på att ta slut"),
        Message(
            "Där noden har sina filer är mindre än %(size)s ledigt.",
            size=size_of(int(facts["free_bytes"]) + 100_000_000),
        ),
        Message("Gör plats eller utöka disken. När den är full kan inget mer sparas."),
        is_grave=True,
    )


def _disk_unwritable(_subject: str, _facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Det går inte att spara"),
        Message(
            "Disken där noden har sina filer tar inte emot något: den är skrivskyddad, full eller "
            "trasig. Det som är sparat finns kvar och går att läsa."
        ),
        Message(
            "Gör plats om den är full. Annars: kontrollera disken, montera den på nytt och starta "
            "om noden."
        ),
        is_grave=True,
    )


def _files_full(_subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Fler bilagor får inte plats"),
        Message(
            "Utrymmet för bilagor är %(size)s, och en fil som väntar ryms inte i det som är kvar.",
            size=size_of(facts["room_bytes"]),
        ),
        Message("Höj attachments_mb_max om disken räcker. Bilagorna hämtas då av sig själva."),
    )


def _log_files_full(_subject: str, facts: Facts) -> AlertWords:
    name = name_of(facts)
    return AlertWords(
        Message("Fler bilagor från %(name)s får inte plats", name=name),
        Message(
            "Utrymmet för en kommuns bilagor är %(size)s, och en fil som väntar ryms inte "
            "i det som är kvar.",
            size=size_of(facts["room_bytes"]),
        ),
        Message(
            "Höj attachments_per_log_mb_max om disken räcker. Andra kommuners bilagor "
            "hämtas som vanligt."
        ),
    )


def _log_full(subject: str, facts: Facts) -> AlertWords:
    name = name_of(facts)
    return AlertWords(
        Message("Kvoten för %(name)s är nådd", name=name),
        Message(
            "Inget mer tas in av det %(name)s skriver. Det som redan finns här är kvar, och "
            "andra kommuner påverkas inte.",
            name=name,
        ),
        Message("Höj kvoten om mängden är väntad, så hämtas resten. Blockera annars kommunen."),
        place=_quota_page(subject),
    )


def _neighbour_share(subject: str, facts: Facts) -> AlertWords:
    name = name_of(facts)
    return AlertWords(
        Message("%(name)s har lämnat så mycket som en granne får på ett dygn", name=name),
        Message(
            "Inga fler inlägg hämtas därifrån före %(when)s. Det som andra grannar har kommer som "
            "vanligt, och inget går förlorat.",
            when=time_of(facts["until_ms"]),
        ),
        Message("Höj kvoten om mängden är väntad. Ring annars, och blockera om det inte stämmer."),
        place=_quota_page(subject),
    )


def _quota_page(log: str) -> str:
    return f"{NEIGHBOURS}/{log}{QUOTA}"


def _store_unreadable(_subject: str, facts: Facts) -> AlertWords:
    logs = Counted(int(facts["count"]), "logg", "loggar")
    return AlertWords(
        Message("Delar av databasen går inte att läsa"),
        Message("Vid den senaste kontrollen var det fel på %(logs)s.", logs=logs),
        Message("Gör som driftshandboken säger om en skadad disk. Grannarna har det som saknas."),
        is_grave=True,
    )


def _own_log_damaged(_subject: str, facts: Facts) -> AlertWords:
    return _damaged(Message("En del av er egen logg är skadad på disken"), facts)


def _log_damaged(_subject: str, facts: Facts) -> AlertWords:
    title = Message("En del av loggen från %(name)s är skadad på disken", name=name_of(facts))
    return _damaged(title, facts)


def _damaged(title: Message, facts: Facts) -> AlertWords:
    entries = Counted(int(facts["count"]), "inlägg", "inlägg")
    return AlertWords(
        title,
        Message(
            "%(entries)s kan inte läsas just nu. Noden skickar inte det skadade vidare, utan ber "
            "grannarna om det på nytt.",
            entries=entries,
        ),
        Message("Se till att grannarna går att nå. Det som någon av dem har kommer tillbaka."),
        is_grave=True,
        place=NEIGHBOURS,
    )


def _files_damaged(_subject: str, facts: Facts) -> AlertWords:
    files = Counted(int(facts["count"]), "bilaga", "bilagor")
    return AlertWords(
        Message("Bilagor har skadats på disken"),
        Message("%(files)s har tagits bort här och hämtas på nytt från grannarna.", files=files),
        Message("Finns en bilaga inte hos någon granne, lägg upp den igen från originalet."),
    )


def _disk_damaging(_subject: str, facts: Facts) -> AlertWords:
    return AlertWords(
        Message("Disken har ändrat det som var sparat"),
        Message(
            "Senast %(when)s var något inte längre vad som en gång sparades.",
            when=time_of(facts["since_ms"]),
        ),
        Message("Kontrollera disken och serverns minne. Byt dem om det händer igen."),
        is_grave=True,
    )


STORE_WORDS: Final[Mapping[str, Make]] = {
    "disk_filling": _disk_filling,
    "disk_unwritable": _disk_unwritable,
    "files_full": _files_full,
    "log_files_full": _log_files_full,
    "log_full": _log_full,
    "neighbour_share": _neighbour_share,
    "store_unreadable": _store_unreadable,
    "own_log_damaged": _own_log_damaged,
    "log_damaged": _log_damaged,
    "files_damaged": _files_damaged,
    "disk_damaging": _disk_damaging,
}
