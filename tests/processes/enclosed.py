"""A machine within the machine: processes, mounts and networks that end with the command.

The command begins anew under `unshare`, with name spaces of its own. Whatever it mounts, connects
or starts is gone when it ends, also when it is killed: the kernel takes it away.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_INSIDE = "TIDAN_ENCLOSED"
_NETWORK_NAMES = Path("/run/netns")
"""Where `ip netns` keeps them."""
_TEMPORARY = Path("/run/tidan-processes")
_NAME_SPACES = ("--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")


class EnclosureError(Exception):
    """What the machine lacks for it."""


def enclose(module: str) -> None:
    """Begin this command anew, enclosed, unless it is so already.

    Raises `EnclosureError` when the user is not root or a program is missing.
    """
    if _INSIDE in os.environ:
        _prepare()
        return
    if os.geteuid():
        raise EnclosureError("Only root can have disks and networks of its own.")
    if missing := [name for name in ("unshare", "ip", "iptables") if shutil.which(name) is None]:
        raise EnclosureError(f"Missing: {', '.join(missing)} (util-linux, iproute2, iptables).")
    os.environ[_INSIDE] = "1"
    command = ["unshare", *_NAME_SPACES, sys.executable, "-m", module, *sys.argv[1:]]
    os.execvp(command[0], command)  # the same command, with words of its own


def _prepare() -> None:
    """Loopback, and places of our own for the names of networks and for temporary files."""
    for place in (_NETWORK_NAMES, _TEMPORARY):
        place.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tidan", place], check=True)
    os.environ["TMPDIR"] = str(_TEMPORARY)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
