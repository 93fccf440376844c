"""The pure parts of the benchmarks: what is computed from measurements, and how it is shown."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from random import Random

import pytest

from factories import LogMaker
from protocol import canonical, strict_json
from protocol.content import Experience, read_content
from protocol.packed import pack
from storage import schema
from tests.benchmarks.databases import NOT_THE_LOG
from tests.benchmarks.figures import Figure, Target, percentile, shown, table
from tests.benchmarks.fit import Series, exponent, exponent_text, growth_table
from tests.benchmarks.growth_plot import (
    COLOURS,
    COLOURS_DARK,
    Axes,
    bounds,
    growth_svg,
    short,
    ticks,
)
from tests.benchmarks.relay import FrameCounter
from tests.benchmarks.writing import content_of_size, contents, experience_of_size, shares

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SVG = "{http://www.w3.org/2000/svg}"


def a_series() -> Series:
    """Two costs at three sizes: one that follows the size, one that does not."""
    series = Series("entries", "15 logs")
    for size in (10, 100, 1_000):
        series.add(size, {"grows, ms": size * 0.5, "stays, B": 900.0})
    return series


@pytest.mark.parametrize("power", [-1.0, 0.0, 0.5, 1.0, 2.0])
def test_the_exponent_of_a_power_law_is_found(power: float) -> None:
    """A cost that is an exact power of the size gets that power, whatever its unit."""
    costs = {size: 37.0 * size**power for size in (10, 200, 3_000, 50_000)}

    assert exponent(costs) == pytest.approx(power)


def test_one_size_has_no_exponent() -> None:
    """Nothing is claimed about growth from a single size."""
    assert exponent({10: 3.0}) is None
    assert exponent_text(None) == "–"


def test_an_exponent_is_never_minus_nothing() -> None:
    """What rounds to zero is shown as zero."""
    assert exponent_text(-0.001) == "+0.00"
    assert exponent_text(-0.5) == "−0.50"


def test_the_middle_run_stands_for_a_size() -> None:
    """One slow run of three does not move the figure."""
    series = Series("logs", "")
    for value in (3.0, 90.0, 2.0):
        series.add(7, {"cost": value})

    assert series.costs("cost") == {7: 3.0}


def test_the_growth_table_holds_every_cost_and_its_exponent() -> None:
    """Each metric has a row with its cost at each size and its exponent last."""
    lines = growth_table([a_series()]).splitlines()

    assert lines[0].split() == "by entries (15 logs) 10 100 1 000 exponent".split()
    assert lines[2].split() == "grows, ms 5.00 50.0 500 +1.00".split()
    assert lines[3].split() == "stays, B 900 900 900 +0.00".split()


def test_a_target_says_whether_it_is_reached_and_at_which_size() -> None:
    """A figure taken at a smaller size than it is held to says so beside its verdict."""
    floor, ceiling = Target(5, at_least=True), Target(2, entries=3_000_000)

    assert (floor.verdict(5, 0), floor.verdict(4.9, 0)) == ("yes", "NO")
    assert ceiling.verdict(1, 3_000_000) == "yes"
    assert ceiling.verdict(1, 10_000) == "yes, at 10 000"
    assert ceiling.verdict(3, 10_000) == "NO, at 10 000"


def test_the_table_shows_median_spread_target_and_what_is_verified() -> None:
    """Everything a reader needs to judge a figure stands with it."""
    target = Target(25_000, at_least=True)
    figure = Figure("sync", "SQLite", "/s", (9.0, 30_000.0, 40_000.0), "fsynced", target)

    line, note = table([figure]).splitlines()[2:]

    assert re.split(r"  +", line) == [
        "sync",
        "SQLite",
        "30 000",
        "9.00 – 40 000 (n=3)",
        "/s",
        "≥ 25 000",
        "yes",
    ]
    assert note.strip() == "fsynced"


def test_percentiles_are_values_that_were_measured() -> None:
    """The p95 of a hundred is the ninety-fifth, not something between two."""
    values = [float(value) for value in range(100, 0, -1)]

    assert (percentile(values, 0.5), percentile(values, 0.95)) == (50, 95)
    assert percentile([7.0], 0.95) == 7
    assert shown(1234567) == "1 234 567"


def test_the_plot_is_an_svg_that_names_each_cost() -> None:
    """The picture is well-formed, has a line for each cost, and says in words what it shows."""
    root = ET.fromstring(growth_svg([a_series(), a_series()]))

    lines = [item for item in root.iter(f"{SVG}path") if item.get("class") == "l"]
    texts = [item.text for item in root.iter(f"{SVG}text")]
    assert len(lines) == 2 * (2 + 2), "two costs in two panels, drawn and in the legend"
    assert texts.count("grows, ms") == 2
    assert texts.count("+1.00") == 2
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert "grows, ms +1.00" in (description.text or "")


def test_the_plot_escapes_what_it_is_given() -> None:
    """A name with signs of markup stays a name."""
    series = Series("a < b", "&")
    series.add(1, {"<cost>": 1.0})
    series.add(2, {"<cost>": 2.0})

    texts = [item.text for item in ET.fromstring(growth_svg([series])).iter(f"{SVG}text")]

    assert {"by a < b", "&", "<cost>"} <= set(texts)


def test_the_plot_is_readable_on_light_and_dark_ground() -> None:
    """Every colour of a line stands out by at least 3 : 1 from white, and from near-black."""
    assert all(contrast(colour, "#ffffff") >= 3 for colour in COLOURS)
    assert all(contrast(colour, "#14181d") >= 3 for colour in COLOURS_DARK)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_axes_put_equal_factors_at_equal_distances() -> None:
    """Both axes are logarithmic, and the bounds are round numbers around all values."""
    axes = Axes((10, 1_000), (0.5, 50.0))

    assert axes.x(100) == pytest.approx(axes.x(1_000) / 2)
    assert axes.y(5) - axes.y(50) == pytest.approx(axes.y(0.5) - axes.y(5), abs=0.2)
    assert bounds(0.3, 31) == (0.2, 50)
    assert ticks(0.5, 10) == [0.5, 1, 2, 5, 10]
    assert [short(size) for size in (15, 2_000, 3_000_000)] == ["15", "2 k", "3 M"]


@pytest.mark.parametrize("seed", range(20))
def test_frames_are_counted_however_they_are_cut(seed: int) -> None:
    """What messages carry is added up; headers, masks, pings and the upgrade are left out."""
    random = Random(seed)
    stream, expected = b"GET /sync/v1 HTTP/1.1\r\nhost: a\r\n\r\n", 0
    for _ in range(20):
        size = random.choice((0, 5, 125, 126, 300, 70_000))
        opcode = random.choice((0x82, 0x02, 0x80, 0x89)) if size <= 125 else 0x82
        expected += size if opcode & 0x0F < 8 else 0
        stream += frame(opcode, random.randbytes(size), masked=random.random() < 0.5)
    counter = FrameCounter()

    while stream:
        cut = random.choice((1, 2, 3, 7, 100, 65_000))
        counter.feed(stream[:cut])
        stream = stream[cut:]

    assert counter.message_bytes == expected


def frame(opcode: int, payload: bytes, *, masked: bool) -> bytes:
    """A WebSocket frame (RFC 6455 §5.2); the mask's value does not matter here."""
    mask = 0x80 if masked else 0
    if len(payload) < 126:
        head = bytes((opcode, mask | len(payload)))
    elif len(payload) < 65_536:
        head = bytes((opcode, mask | 126)) + len(payload).to_bytes(2, "big")
    else:
        head = bytes((opcode, mask | 127)) + len(payload).to_bytes(8, "big")
    return head + (b"\x01\x02\x03\x04" if masked else b"") + payload


def test_contents_are_exactly_as_large_as_asked_and_readable() -> None:
    """A benchmark of 1,000 bytes measures 1,000 bytes of what a node accepts."""
    random = Random(1)

    for size_bytes in (700, 1_000, 4_000):
        content = content_of_size(random, size_bytes)
        assert len(content) == size_bytes
        assert isinstance(read_content("experience", content), Experience)
    with pytest.raises(ValueError, match="smallest"):
        experience_of_size(random, 100)


def test_contents_compress_as_descriptions_of_projects_do() -> None:
    """A run of a thousand shrinks to about a third: no generator's echo, and no random noise."""
    maker = LogMaker()
    entries = [maker.append("experience", content) for content in contents(1, 1_000, 1_000)]
    packed = canonical.encode([pack(envelope) for envelope in entries])

    ratio = len(packed) / len(zstd.compress(packed, 3))

    assert 2.7 < ratio < 3.1, ratio


def test_authors_write_the_same_everywhere_and_differ_from_each_other() -> None:
    """Tidan and its peers are given the same contents."""
    assert list(contents(3, 5, 900)) == list(contents(3, 5, 900))
    assert set(contents(3, 5, 900)).isdisjoint(contents(4, 5, 900))
    assert strict_json.loads(next(contents(3, 1, 900)))["example"] is True


def test_shares_add_up() -> None:
    """No entry is lost when many authors share them, and none has two more than another."""
    found = shares(100_000, 290)

    assert sum(found) == 100_000
    assert max(found) - min(found) <= 1


def test_tables_left_out_of_the_log_exist() -> None:
    """A renamed table must not quietly move into, or out of, what counts as the log."""
    assert NOT_THE_LOG - {"alembic_version"} <= set(schema.metadata.tables)
