"""Python's collector of reference cycles, set for a node: much stays, the rest is short-lived.

What leaves cycles behind here is little (a finished request, a traceback); everything else goes as
soon as nothing refers to it.
"""

from __future__ import annotations

import gc

THRESHOLDS = (10_000, 20, 20)
"""With Python's own (700, 10, 10) a sixth of a rebuild is looking for cycles that are not there:
each of its steps makes some hundred thousand objects and drops them together."""


def settle_collector() -> None:
    """What is here by now stays: looking it through again would cost 80 ms a time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
