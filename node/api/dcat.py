"""The node's open data as a catalogue for data portals: DCAT-AP-SE 3. Pure: facts in, a graph out.

Rules of https://docs.dataportal.se/dcat/3.0.1/ that are easily broken: no blank node for catalogue,
dataset, distribution, service, publisher or contact; the catalogue itself is CC0; a contact has a
name and an address; titles name no municipality, which the publisher does. One dataset, in several
forms: what everybody may read of the node's records.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, XSD

from node.api.catalogue_facts import Facts

DCATAP: Final = Namespace("http://data.europa.eu/r5r/")
VCARD: Final = Namespace("http://www.w3.org/2006/vcard/ns#")
_EU: Final = "http://publications.europa.eu/resource/authority/"
CC0: Final = URIRef("http://creativecommons.org/publicdomain/zero/1.0/")
CC_BY: Final = URIRef("http://creativecommons.org/licenses/by/4.0/")
SWEDISH: Final = URIRef(f"{_EU}language/SWE")
LOCAL_AUTHORITY: Final = URIRef("http://purl.org/adms/publishertype/LocalAuthority")
GOVERNMENT: Final = URIRef(f"{_EU}data-theme/GOVE")

Both = tuple[str, str]
"""A text in Swedish and in English."""

CATALOGUE_TITLE: Final = ("Kommuners erfarenheter", "What municipalities have learned")
CATALOGUE_ABOUT: Final = (
    "Öppna data ur Tidan, kommunernas gemensamma minne.",
    "Open data from Tidan, a shared memory for municipalities.",
)
DATASET_TITLE: Final = (
    "Kommuners erfarenheter av utveckling och införande",
    "What municipalities have tried and learned",
)
DATASET_ABOUT: Final = (
    (
        "Vad kommuner har prövat, vad det kostade och vad de lärde sig, även av det som avbröts. "
        "Innehåller kommunens egna texter och det den har hämtat från andra. Varje text är "
        "undertecknad av sin avsändare och anger sina egna villkor, oftast CC0."
    ),
    (
        "What municipalities have tried, what it cost and what they learned, also from what was "
        "stopped. Holds the municipality's own texts and those it has from others. Each text is "
        "signed by its sender and states its own terms, mostly CC0."
    ),
)
KEYWORDS: Final = (
    ("kommun", "municipality"),
    ("erfarenhetsutbyte", "exchange of experience"),
    ("digitalisering", "digitalisation"),
    ("samverkan", "cooperation"),
)
SERVICE_TITLE: Final = ("Tidans API", "The API of Tidan")


class Form(NamedTuple):
    """One form of the dataset: a word for its URI, where it is, its media type, what it is."""

    word: str
    path: str
    media_type: str
    title: Both


FORMS: Final = (
    Form("csv", "/erfarenheter/export.csv", "text/csv", ("Tabell", "Table")),
    Form(
        "jsonl",
        "/erfarenheter/export.jsonl",
        "application/jsonl",
        ("JSON, en post per rad", "JSON, one record a line"),
    ),
    Form(
        "markdown",
        "/erfarenheter/export.tar.gz",
        "text/markdown",
        ("Text med rubriker, en fil per post", "Text with headings, one file a record"),
    ),
)
API_FORM: Final = Form("api", "/api/v1/records", "application/json", SERVICE_TITLE)


def catalogue(facts: Facts) -> Graph:
    """The whole catalogue."""
    graph = Graph()
    for prefix, namespace in (("dcat", DCAT), ("dcterms", DCTERMS), ("vcard", VCARD)):
        graph.bind(prefix, namespace)
    graph.bind("dcatap", DCATAP)
    _add_publisher(graph, facts)
    _add_catalogue(graph, facts)
    _add_dataset(graph, facts)
    for form in (*FORMS, API_FORM):
        _add_form(graph, facts, form)
    _add_service(graph, facts)
    return graph


def _uri(facts: Facts, word: str) -> URIRef:
    return URIRef(f"{facts.site}/dcat#{word}")


def _say(graph: Graph, subject: URIRef, predicate: URIRef, texts: Both) -> None:
    for text, language in zip(texts, ("sv", "en"), strict=True):
        graph.add((subject, predicate, Literal(text, lang=language)))


def _add_page(graph: Graph, subject: URIRef, predicate: URIRef, address: str) -> URIRef:
    page = URIRef(address)
    graph.add((subject, predicate, page))
    graph.add((page, RDF.type, FOAF.Document))
    return page


def _add_publisher(graph: Graph, facts: Facts) -> None:
    publisher = _uri(facts, "utgivare")
    graph.add((publisher, RDF.type, FOAF.Agent))
    graph.add((publisher, FOAF.name, Literal(facts.publisher, lang="sv")))
    _add_page(graph, publisher, FOAF.homepage, facts.publisher_url)
    graph.add((publisher, DCTERMS.type, LOCAL_AUTHORITY))
    if facts.email:
        contact = _uri(facts, "kontakt")
        graph.add((contact, RDF.type, VCARD.Organization))
        graph.add((contact, VCARD.fn, Literal(facts.contact)))
        graph.add((contact, VCARD.hasEmail, URIRef(f"mailto:{facts.email}")))


def _add_catalogue(graph: Graph, facts: Facts) -> None:
    subject = _uri(facts, "katalog")
    graph.add((subject, RDF.type, DCAT.Catalog))
    _say(graph, subject, DCTERMS.title, CATALOGUE_TITLE)
    _say(graph, subject, DCTERMS.description, CATALOGUE_ABOUT)
    graph.add((subject, DCTERMS.publisher, _uri(facts, "utgivare")))
    graph.add((subject, DCTERMS.license, CC0))
    graph.add((subject, DCTERMS.language, SWEDISH))
    _add_page(graph, subject, FOAF.homepage, f"{facts.site}/")
    graph.add((subject, DCAT.themeTaxonomy, URIRef(f"{_EU}data-theme")))
    graph.add((subject, DCAT.dataset, _uri(facts, "erfarenheter")))
    _add_changed(graph, subject, facts)


def _add_changed(graph: Graph, subject: URIRef, facts: Facts) -> None:
    if facts.changed is not None:
        changed = Literal(facts.changed.isoformat(), datatype=XSD.date)
        graph.add((subject, DCTERMS.modified, changed))


def _add_rights(graph: Graph, subject: URIRef, facts: Facts) -> None:
    word = "PUBLIC" if facts.is_open else "RESTRICTED"
    graph.add((subject, DCTERMS.accessRights, URIRef(f"{_EU}access-right/{word}")))


def _add_contact(graph: Graph, subject: URIRef, facts: Facts) -> None:
    if facts.email:
        graph.add((subject, DCAT.contactPoint, _uri(facts, "kontakt")))


def _add_dataset(graph: Graph, facts: Facts) -> None:
    subject = _uri(facts, "erfarenheter")
    graph.add((subject, RDF.type, DCAT.Dataset))
    _say(graph, subject, DCTERMS.title, DATASET_TITLE)
    _say(graph, subject, DCTERMS.description, DATASET_ABOUT)
    for keyword in KEYWORDS:
        _say(graph, subject, DCAT.keyword, keyword)
    graph.add((subject, DCTERMS.publisher, _uri(facts, "utgivare")))
    graph.add((subject, DCAT.theme, GOVERNMENT))
    graph.add((subject, DCTERMS.language, SWEDISH))
    graph.add((subject, DCTERMS.spatial, URIRef(f"{_EU}country/SWE")))
    graph.add((subject, DCTERMS.accrualPeriodicity, URIRef(f"{_EU}frequency/IRREG")))
    _add_page(graph, subject, DCAT.landingPage, f"{facts.site}/erfarenheter")
    _add_rights(graph, subject, facts)
    _add_contact(graph, subject, facts)
    _add_changed(graph, subject, facts)
    for form in (*FORMS, API_FORM):
        graph.add((subject, DCAT.distribution, _uri(facts, form.word)))


def _add_form(graph: Graph, facts: Facts, form: Form) -> None:
    subject, address = _uri(facts, form.word), URIRef(facts.site + form.path)
    graph.add((subject, RDF.type, DCAT.Distribution))
    _say(graph, subject, DCTERMS.title, form.title)
    graph.add((subject, DCAT.accessURL, address))
    graph.add((subject, DCTERMS["format"], Literal(form.media_type)))
    graph.add((subject, DCTERMS.license, CC_BY))
    graph.add((subject, DCATAP.availability, URIRef(f"{_EU}planned-availability/AVAILABLE")))
    if form is API_FORM:
        graph.add((subject, DCAT.accessService, _uri(facts, "tjanst")))
    else:
        graph.add((subject, DCAT.downloadURL, address))


def _add_service(graph: Graph, facts: Facts) -> None:
    subject = _uri(facts, "tjanst")
    graph.add((subject, RDF.type, DCAT.DataService))
    _say(graph, subject, DCTERMS.title, SERVICE_TITLE)
    graph.add((subject, DCTERMS.publisher, _uri(facts, "utgivare")))
    graph.add((subject, DCAT.endpointURL, URIRef(f"{facts.site}/api/v1")))
    described = URIRef(f"{facts.site}/api/v1/openapi.json")
    graph.add((subject, DCAT.endpointDescription, described))
    graph.add((subject, DCAT.servesDataset, _uri(facts, "erfarenheter")))
    graph.add((subject, DCTERMS.license, CC_BY))
    page = _add_page(graph, subject, DCAT.landingPage, f"{facts.site}/api")
    graph.add((page, RDFS.label, Literal(SERVICE_TITLE[0], lang="sv")))
    _add_rights(graph, subject, facts)
    _add_contact(graph, subject, facts)
