"""The form holds every record it can be asked to edit, and reads what people write."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_factories import READABLE, an_experience
from node.wanted import Wanted
from node.web.form_fields import REPEATED_ROWS_MAX, SECTIONS
from node.web.form_reading import form_names, form_values, read_form
from node.web.listing import Listing, list_url, read_filter
from node.web.published_forms import PublishedForms, new_token
from protocol.content import Experience
from protocol.errors import LocalError

LINES = st.text(READABLE, min_size=1, max_size=40).map(str.strip).filter(bool)
TEXTS = st.none() | LINES
DAYS = st.none() | st.dates().filter(lambda day: 1900 <= day.year <= 2200).map(str)
AMOUNTS = st.none() | st.integers(0, 10**7)
REQUIRED = {
    "type": "losning",
    "title": "Exempel",
    "summary": "Exempel på en sammanfattning.",
    "area": "aldre",
    "status": "drift",
    "contact_role": "IT-enheten",
}

TYPED_FREELY = ["title", "tags", "cost_one_off", "started", "related", "link_0_url", "area"]


@st.composite
def experiences(draw: st.DrawFn) -> Experience:
    """Records with any mixture of the fields that the form asks for."""
    cost = {name: draw(AMOUNTS) for name in ("one_off_sek", "yearly_sek", "own_hours")}
    cost = {name: value for name, value in cost.items() if value is not None}
    products = draw(
        st.lists(st.fixed_dictionaries({"name": LINES, "call_off_until": DAYS}), max_size=4)
    )
    return an_experience(
        title=" ".join(draw(LINES).split()) or "Exempel",
        situation=draw(TEXTS),
        advice=draw(TEXTS),
        cost=cost or None,
        products=tuple(products),
        tags=tuple(draw(st.lists(st.sampled_from(["larm", "fiber", "e-arkiv"]), unique=True))),
        valid_until=draw(DAYS),
        related=tuple(draw(st.lists(st.sampled_from(["ab" * 32, "cd" * 32]), unique=True))),
        collaboration_open=draw(st.booleans()),
        visibility=draw(st.sampled_from(["public", "federation"])),
        source=draw(st.sampled_from(SOURCES)),
        example=draw(st.booleans()),
    )


SOURCES = [
    None,
    {"name": "Exempelkälla"},
    {"name": "A  b", "url": "https://exempel.se/kod", "licence": "EUPL-1.2"},
]


@given(experiences())
def test_opening_and_saving_changes_nothing(experience: Experience) -> None:
    """A record that is opened for editing and saved as it stands is the same record."""
    result = read_form(form_values(experience), previous=experience)

    assert result.errors == []
    assert result.experience == experience


def test_only_the_required_fields_are_required() -> None:
    """Six answers and the sender make a record."""
    assert read_form(REQUIRED).experience is not None
    for name in REQUIRED:
        result = read_form(REQUIRED | {name: "  "})
        assert result.experience is None
        assert [error.field for error in result.errors] == [name]


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("cost_one_off", "cirka tio tusen"),
        ("cost_one_off_max", "100"),
        ("started", "i höstas"),
        ("valid_until", "2027"),
        ("contact_email", "inte en adress"),
        ("contact_phone", "ring växeln"),
        ("area", "aldre.finns-inte"),
        ("type", "annat"),
        ("summary", "x" * 401),
        ("situation", "x" * 10_001),
        ("tags", ", ".join(f"ord{number}" for number in range(11))),
        ("link_0_url", "javascript:alert(1)"),
        ("link_0_title", "En länk utan adress"),
        ("product_1_supplier", "En leverantör utan produkt"),
        ("title", "Exempel\u202e"),
        ("source_url", "https://exempel.se/utan-namn"),
        ("source_licence", "CC-BY-4.0"),
    ],
)
def test_each_mistake_is_told_at_a_field(field: str, typed: str) -> None:
    """What cannot be used gives exactly one message, at a field that the form has."""
    names = {name for section in SECTIONS for one in section.fields
             for name in form_names(section, one)}  # fmt: skip
    result = read_form(REQUIRED | {field: typed})

    assert result.experience is None
    assert len(result.errors) == 1
    assert result.errors[0].field in names
    assert result.errors[0].field.rpartition("_")[0] == field.rpartition("_")[0]


@given(st.dictionaries(st.sampled_from(TYPED_FREELY), st.text()))
def test_nothing_typed_makes_the_form_fail(typed: dict[str, str]) -> None:
    """Whatever is typed gives a record or a message, never a fault."""
    result = read_form(REQUIRED | typed)

    assert (result.experience is None) == bool(result.errors)


def test_amounts_and_dates_are_read_as_written() -> None:
    """Spaces, units and month names are understood."""
    typed = {"cost_one_off": "185 000 kr", "cost_one_off_max": "240.000:-", "live": "mars 2024"}
    experience = read_form(REQUIRED | typed).experience

    assert experience is not None
    assert experience.cost is not None
    assert (experience.cost.one_off_sek, experience.cost.one_off_max_sek) == (185_000, 240_000)
    assert experience.timeline is not None
    assert experience.timeline.live == "2024-03"


def test_every_row_of_a_table_is_read() -> None:
    """Rows left empty in between are skipped, and none is lost."""
    last = REPEATED_ROWS_MAX - 1
    typed = {"product_0_name": "Ett", f"product_{last}_name": "Två"}
    experience = read_form(REQUIRED | typed).experience

    assert experience is not None
    assert [product.name for product in experience.products] == ["Ett", "Två"]


@given(st.builds(
    Wanted, text=LINES.map(lambda text: " ".join(text.split())), area=st.just("aldre"),
    status=st.sampled_from(["", "drift"]), page=st.integers(1, 99), page_size=st.just(20),
    place=st.sampled_from(["", "lan-14"]), group=st.sampled_from(["", "storstader"]),
))  # fmt: skip
def test_a_list_s_address_gives_the_list_back(wanted: Wanted) -> None:
    """Everything a list shows is in its address."""
    from yarl import URL  # noqa: PLC0415  # only this promise is about addresses

    read = read_filter(URL(list_url(wanted, page=wanted.page)).query)
    assert read == replace(wanted, codes=read.codes)
    assert (read.codes is None) is (not wanted.place and not wanted.group)


@given(st.integers(1, 400).flatmap(lambda pages: st.tuples(st.integers(1, pages), st.just(pages))))
def test_page_numbers_lead_everywhere(place: tuple[int, int]) -> None:
    """First, last and neighbouring pages are linked; a gap stands for at least two."""
    page, pages = place
    numbers = Listing(Wanted(), 0, page, pages, (), ()).page_numbers

    shown = [number for number in numbers if number is not None]
    assert shown == sorted(set(shown))
    assert {1, page, pages} <= set(shown)
    assert len(numbers) <= 11
    for before, gap, after in zip(numbers, numbers[1:], numbers[2:], strict=False):
        if gap is None:
            assert before is not None
            assert after is not None
            assert after - before > 2


async def test_a_failed_form_may_be_sent_again() -> None:
    """Two at once publish once; after a failure the next attempt is a new one."""
    forms, token, calls = PublishedForms(), new_token(), 0

    async def publish() -> bytes:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0)
        if calls == 1:
            raise LocalError("the disk is full")
        return b"entry"

    with pytest.raises(LocalError):
        await forms.once(token, publish)
    assert await asyncio.gather(*(forms.once(token, publish) for _ in range(3))) == [b"entry"] * 3
    assert calls == 2
