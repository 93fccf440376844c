"""The three nodes of docker/compose.yaml, each a container, on a private network of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from compose_services import command, run_options, services
from container_engine import IMAGE, Engine
from container_figures import Start

NETWORK = "tidan-private"
PLACES = ("hjo", "tidaholm", "falkoping")  # the ends only meet through Tidaholm
WAIT_SECONDS_MAX = 240.0

READY = """
import http.client, os, time
while True:
    connection = http.client.HTTPConnection("127.0.0.1", 8480)
    try:
        connection.request("GET", "/readyz")
        if connection.getresponse().status == 200:
            break
    except OSError:
        time.sleep(0.01)
words = open("/proc/1/stat").read().rpartition(")")[2].split()
print(time.time(), (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK"))
"""
PAGE = """
import sys, urllib.request
sys.stdout.write(urllib.request.urlopen("http://127.0.0.1:8480" + sys.argv[1]).read().decode())
"""


class Federation:
    """What a test does with the containers; ``engine`` is podman."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.services = services()

    def begin(self) -> None:
        """Make the network, the three nodes and their neighbourhood, and start them."""
        self.engine("network", "create", "--internal", NETWORK)
        introductions = self.services["introductions"]
        self.engine(
            *("run", "--rm", "--no-healthcheck", "--network", "none"),
            *(*run_options(introductions), IMAGE, *command(introductions)),
        )
        for place in PLACES:
            self.start(place)

    def start(self, place: str) -> Start:
        """Run a node's container until it is ready."""
        began = time.time()
        self.engine(
            *("run", "--detach", "--no-healthcheck", "--name", place),
            *("--network", NETWORK, *run_options(self.services[place]), IMAGE),
        )
        ready, processor_seconds = self.ready(place)
        return Start(ready - began, processor_seconds)

    def ready(self, place: str) -> tuple[float, float]:
        """When `/readyz` first answered 200, asked within, and the processor time by then."""
        at, processor_seconds = self.python(place, READY).split()
        return float(at), float(processor_seconds)

    def end(self, place: str) -> None:
        """Remove a node's container, as a new version of the image would; its data stays."""
        self.engine("rm", "--force", place)

    def python(self, place: str, program: str, *words: str) -> str:
        """What a program for the image's Python prints, in a running container."""
        return self.engine("exec", place, "python", "-c", program, *words)

    def tidan(self, place: str, *words: str, given: str | None = None) -> Any:
        """What a command that must succeed says in a running container."""
        keep = ("--interactive",) if given is not None else ()
        return json.loads(self.engine("exec", *keep, place, "tidan", "--json", *words, given=given))

    def publish(self, place: str, title: str) -> str:
        """Publish an experience; its id, once the node has said that it is stored."""
        text = f'---\ntyp: erfarenhet\ntitel: "Exempel: {title}"\nsammanfattning: Ett exempel.\n'
        text += "område: aldre.hemtjanst\nstatus: pilot\nkontakt:\n  roll: Exempelenheten\n---\n"
        found = self.tidan(place, "publish", "/dev/stdin", given=text)
        return str(found["record"])

    def page(self, place: str, path: str) -> str:
        """A page as the node of a place serves it."""
        return self.python(place, PAGE, path)

    def until_equal(self, *places: str, records: int) -> None:
        """Wait until nodes hold that many records, and equal ones."""

        def equal() -> bool:
            found = [self.tidan(place, "status") for place in places]
            digests = {status["projection_digest"] for status in found}
            return len(digests) == 1 and {status["records"] for status in found} == {records}

        until(equal, f"{', '.join(places)} hold the same {records} records")


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; fails with ``what`` when it does not come to."""
    end = time.monotonic() + WAIT_SECONDS_MAX
    while not holds():
        assert time.monotonic() < end, f"it did not come to be that {what}"
