"""What a request accepts (RFC 9110 §12.5.1): the best of the formats there are. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

RANGES_MAX = 50
_WEIGHT = re.compile(r"q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def best(accept: str | None, offered: Sequence[str]) -> str | None:
    """The offered media type that is liked most, the first of equals; None when none will do."""
    if accept is None or not accept.strip():
        return offered[0]
    ranges = list(_ranges(accept))
    weights = [(_weight(ranges, media_type), media_type) for media_type in offered]
    heaviest = max(weight for weight, _ in weights)
    if heaviest <= 0:
        return None
    return next(media_type for weight, media_type in weights if weight == heaviest)


def _ranges(accept: str) -> Iterable[tuple[str, float]]:
    for part in accept.lower().split(",")[:RANGES_MAX]:
        name, *parameters = (one.strip() for one in part.split(";"))
        weights = [found[1] for one in parameters if (found := _WEIGHT.fullmatch(one))]
        yield name, float(weights[0]) if weights else 1.0


def _weight(ranges: Sequence[tuple[str, float]], media_type: str) -> float:
    """How much a type is liked: the most exact range that holds it decides."""
    kind = media_type.partition("/")[0]
    for name in (media_type, f"{kind}/*", "*/*"):
        found = [weight for given, weight in ranges if given == name]
        if found:
            return max(found)
    return 0.0
