"""A PostgreSQL cluster that lives for one run: on a free loopback port, in a temporary folder.

Runs from Debian's or any other installed binaries, with fsync on: it is set up as a node demands.
PostgreSQL refuses to work as root, so root hands it over to the user `postgres`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.free_ports import free_port

START_SECONDS = 120
OWNER = "postgres"
MISSING = "PostgreSQL is not installed; install the package `postgresql`"


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, or None when PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


class Server:
    """A cluster in a folder that exists, on a port of its own; it can be ended hard."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._port = free_port()
        self.url = f"postgresql://tidan@127.0.0.1:{self._port}"
        """Without a database name."""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def make(self) -> None:
        """Set the cluster up."""
        initialise = ("-U", "tidan", "-A", "trust", "-E", "UTF8", "--locale=C")
        _run(self._programs / "initdb", "-D", self._data, *initialise)

    def start(self) -> None:
        """Start it, after whatever has happened to it; returns when it takes connections.

        It is a process of ours, so that it is wholly gone once it was killed: a server finds out
        by its number whether the one before it still runs.
        """
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            "port": self._port,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        owner: dict[str, Any] = {}
        if os.geteuid() == 0:
            owner = {"user": OWNER, "group": OWNER, "extra_groups": []}
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                **owner,
            )
        until = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > until:
                words = (self._folder / "server.log").read_text("utf-8", "replace")[-2_000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{words}")
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        """Whether the server says that it is, in the file where `pg_ctl` looks as well."""
        assert self._process is not None
        try:
            lines = (self._data / "postmaster.pid").read_text("ascii").split()
        except OSError:
            return False
        return lines[:1] == [str(self._process.pid)] and lines[-1] == "ready"

    def stop(self, mode: str = "immediate") -> None:
        """End it; `immediate` lets nothing be finished, so that it recovers when it starts."""
        if self._process is not None and self._process.poll() is None:
            _run(self._programs / "pg_ctl", "stop", "-D", self._data, "-m", mode)
            self._process.wait()

    def kill(self) -> None:
        """Kill the server and all processes it has started, at once."""
        assert self._process is not None
        first = self._process.pid
        os.kill(first, signal.SIGSTOP)  # or it would start new ones meanwhile
        others = _children(first)
        for process in (first, *others):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        while any(map(_is_running, others)):
            time.sleep(0.01)


@contextmanager
def server() -> Iterator[Server]:
    """Give a running cluster that is thrown away afterwards."""
    programs = binaries()
    if programs is None:
        raise RuntimeError(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="tidan-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, OWNER, OWNER)
    made = Server(programs, folder)
    try:
        made.make()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def cluster() -> Iterator[str]:
    """Give the URL, without a database name, of a cluster that is thrown away afterwards."""
    with server() as running:
        yield running.url


def _children(process: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = status.read_text("ascii", "replace").rpartition(")")[2].split()
            if int(fields[1]) == process:
                found.append(int(status.parent.name))
    return found


def _is_running(process: int) -> bool:
    """Whether a process is there; one that has ended and nobody has asked for does not count."""
    try:
        state = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


def _run(*command: str | Path) -> None:
    prefix = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)], capture_output=True, text=True, check=False, cwd="/"
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout}{done.stderr}")
