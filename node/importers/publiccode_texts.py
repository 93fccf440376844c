"""What a publiccode.yml says beside its description, as lines of a record's texts, in Swedish.

What it takes to use the software (platforms, what it depends on, for whom it is meant, who looks
after it) belongs to "Förutsättningar"; what there is to have (version, features, who uses and pays
for it) to "Resultat". Names of persons are never taken: a name counts as an organisation's only
when something in it says so.
"""

from __future__ import annotations

import re

from node.importers.publiccode_source import Source, as_line, as_list, as_mapping, as_text

USED_BY = "Används av"
"""The heading over who uses it; node/municipal/naming.py reads the names back."""
FUNDED_BY = "Finansieras av"
MAINTENANCE = {
    "internal": "av den som äger koden",
    "contract": "av en leverantör på avtal",
    "community": "av en gemenskap av frivilliga",
    "none": "inte längre",
}
DEPENDENCIES = {"open": "öppen programvara", "proprietary": "licensierad programvara",
                "hardware": "maskinvara"}  # fmt: skip

_ORGANISATION = re.compile(
    r"""\b(kommun|region|stad|myndighet|verket|styrelsen|förbund|högskola|universitet|
    stiftelse|förening|bolag|ab|hb|ek\.?\s?för|inc|ltd|llc|gmbh|ug|ag|oy|as|a/s|b\.?v|n\.?v|
    s\.?r\.?l|s\.?p\.?a|sas|sarl|plc|foundation|university|universit[àéy]\w*|institut\w*|agenzia|
    agency|comune|citt[àa]|regione|provincia|ministero|minist\w+|gemeente|stadt|city|municipality|
    commune|ville|government|council|authority|department|centre|center|consorzio|ente|azienda|
    association|cooperative|group|team|contributors|project|community|media|software|systems)\b
    |\w(verket|myndigheten|styrelsen|kommun|förbundet|bolaget)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def is_organisation(name: str) -> bool:
    """Tell whether a name says that it is an organisation's and not a person's."""
    return _ORGANISATION.search(name) is not None


def preconditions(source: Source, language: str) -> str:
    """What it takes to use the software; `language` is the description's key, as below."""
    platforms = ", ".join(source.lines("platforms"))
    generic = source.line(f"description.{language}.genericName")
    kind = ", ".join(part for part in (generic, source.line("softwareType")) if part)
    return _parts(
        f"Körs på: {platforms}" if platforms else "",
        f"Slag: {kind}" if kind else "",
        _languages(source),
        *_audience(source),
        _maintenance(source),
        _bullets("Behöver", [line for kind in DEPENDENCIES for line in _needs(source, kind)]),
    )


def results(source: Source, language: str) -> str:
    """What there is to have; `language` is the key of the description that was chosen."""
    version, released = source.line("softwareVersion"), source.line("releaseDate")
    suite = source.line("applicationSuite")
    said = f"Version: {version}" if version else ""
    if released:
        said = f"{said}, släppt {released}" if said else f"Senaste versionen släpptes {released}"
    return _parts(
        _bullets("Funktioner", source.lines(f"description.{language}.features")),
        said,
        f"Ingår i: {suite}" if suite else "",
        _bullets("Utmärkelser", source.lines(f"description.{language}.awards")),
        _bullets(FUNDED_BY, _names(source.value("fundedBy"))),
        _bullets(USED_BY, source.lines("usedBy")),
    )


def owner(source: Source) -> str:
    """Who stands behind the software, if an organisation does."""
    named = source.line("organisation.name") or as_line(source.value("organisation"))
    if named:
        return named
    owners = (source.line("legal.repoOwner"), source.line("legal.mainCopyrightOwner"))
    return next((name for name in (*owners, *_contractors(source)) if is_organisation(name)), "")


def legal_note(source: Source) -> str:
    """Licence and copyright of the software, as a note on law."""
    licence, holder = source.line("legal.license"), source.line("legal.mainCopyrightOwner")
    said = [f"Programvarans licens: {licence}" if licence else ""]
    said += [f"Upphovsrätt: {holder}" if is_organisation(holder) else ""]
    return ". ".join(part for part in said if part)


def _languages(source: Source) -> str:
    spoken = ", ".join(source.lines("localisation.availableLanguages"))
    more = source.value("localisation.localisationReady") is True
    if not spoken:
        return "Förberett för flera språk" if more else ""
    return f"Språk i programmet: {spoken}" + (", förberett för fler" if more else "")


def _audience(source: Source) -> list[str]:
    told = (
        ("Avsett för länder", "intendedAudience.countries"),
        ("Passar inte i länder", "intendedAudience.unsupportedCountries"),
        ("Avsett för områden", "intendedAudience.scope"),
    )
    found = [(words, ", ".join(source.lines(path))) for words, path in told]
    return [f"{words}: {listed}" for words, listed in found if listed]


def _maintenance(source: Source) -> str:
    kind = source.text("maintenance.type")
    if kind not in MAINTENANCE:
        return ""
    firms = ", ".join(name for name in _contractors(source) if is_organisation(name))
    until = max((as_text(one.get("until")) for one in _contracts(source)), default="")
    said = f"Förvaltas: {MAINTENANCE[kind]}"
    if kind == "contract":
        said += f" ({firms})" if firms else ""
        said += f", till {as_line(until)}" if until else ""
    return said


def _contracts(source: Source) -> list[dict[str, object]]:
    return [as_mapping(one) for one in as_list(source.value("maintenance.contractors"))]


def _contractors(source: Source) -> list[str]:
    return [as_line(one.get("name")) for one in _contracts(source)]


def _needs(source: Source, kind: str) -> list[str]:
    """Lines such as "PostgreSQL, från 14.0 (öppen programvara, frivilligt)"."""
    found = []
    for value in as_list(source.value(f"dependsOn.{kind}")):
        item = as_mapping(value) or {"name": value}
        name = as_line(item.get("name"))
        words = {"version": "version", "versionMin": "från", "versionMax": "till"}
        versions = [f"{word} {as_line(item.get(key))}" for key, word in words.items()
                    if as_line(item.get(key))]  # fmt: skip
        optional = ", frivilligt" if item.get("optional") is True else ""
        if name:
            needed = ", ".join([name, *versions])
            found.append(f"{needed} ({DEPENDENCIES[kind]}{optional})")
    return found


def _names(value: object) -> list[str]:
    """Names of a list of organisations, each a mapping or a text."""
    found = []
    for one in as_list(value):
        name, uri = as_line(as_mapping(one).get("name")), as_line(as_mapping(one).get("uri"))
        found.append(f"{name} ({uri})" if name and uri else name or as_line(one))
    return found


def _parts(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _bullets(heading: str, items: list[str]) -> str:
    lines = [f"- {item}" for item in items if item]
    return "\n".join([f"{heading}:", "", *lines]) if lines else ""
