"""Have a node do one thing: the one that serves on the data folder, else one opened for it."""

from __future__ import annotations

from typing import Any

from node.config import Settings
from node.operations.control import NotServingError, ask
from node.operations.verbs import perform
from node.process.bootstrap import open_node


async def run_verb(settings: Settings, verb: str, /, **arguments: Any) -> Any:
    """Ask the node that serves on the data folder, else open it for this one verb.

    The result is the same plain data either way. Raises local errors: the node's own words when
    it was asked.
    """
    try:
        return await ask(settings.data, verb, arguments)
    except NotServingError:
        async with open_node(settings) as node:
            await node.introductions.review()
            result = await perform(node.operations, verb, arguments)
            await node.introductions.review()
            return result
