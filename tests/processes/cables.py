"""A small network of real cables: a name space for each node, joined by a switch.

A cable can be pulled, and packets can be dropped without a word, one way or both.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence

SWITCH = "switch"
NETWORK = "10.77.0.0/24"


class Network:
    """Name spaces `node1`, `node2`, …, each with an address; made in an enclosed process."""

    def __init__(self, count: int) -> None:
        self.numbers = range(1, count + 1)

    def make(self) -> None:
        """Lay all cables."""
        _ip("netns", "add", SWITCH)
        _ip("-n", SWITCH, "link", "add", "bridge", "type", "bridge")
        _ip("-n", SWITCH, "link", "set", "bridge", "up")
        for number in self.numbers:
            name, port = _name(number), _port(number)
            _ip("netns", "add", name)
            pair = ("type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("-n", SWITCH, "link", "add", port, *pair)
            _ip("-n", SWITCH, "link", "set", port, "master", "bridge", "up")
            _ip("-n", name, "addr", "add", f"{address(number)}/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")

    def pull(self, number: int) -> None:
        """Pull the cable of one node; its own end notices, the others' do not."""
        _ip("-n", SWITCH, "link", "set", _port(number), "down")

    def drop(self, at: int, sources: Iterable[int]) -> None:
        """Let one node receive nothing from these, without a word to anybody."""
        for source in sources:
            rule = ("-A", "INPUT", "-s", address(source), "-j", "DROP")
            _run("ip", "netns", "exec", _name(at), "iptables", *rule)

    def heal(self) -> None:
        """Plug everything in again, and drop nothing."""
        for number in self.numbers:
            _ip("-n", SWITCH, "link", "set", _port(number), "up")
            _run("ip", "netns", "exec", _name(number), "iptables", "-F", "INPUT")


def inside(number: int) -> Sequence[str]:
    """The words in front of a command that let it run in a node's network."""
    return ("ip", "netns", "exec", _name(number))


def address(number: int) -> str:
    """The address of a node."""
    return f"10.77.0.{number}"


def _name(number: int) -> str:
    return f"node{number}"


def _port(number: int) -> str:
    return f"port{number}"


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stdout}{done.stderr}")
