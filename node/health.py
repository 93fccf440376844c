"""Ask the node on this machine whether it serves: `python -m node.health`.

For a container's health check, so that the image needs no other program. Reads the same settings
as the node, asks `/healthz` once, and exits with 0 when the answer is 200, with 1 otherwise.
"""

from __future__ import annotations

import http.client
import sys

from node.config import load_settings
from node.origins import host_here
from protocol.errors import LocalError

TIMEOUT_SECONDS = 3.0


def answers(host: str, port: int) -> bool:
    """Whether a node answers 200 at `/healthz`; never raises for a network that fails."""
    connection = http.client.HTTPConnection(host_here(host), port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def main() -> int:
    """Exit code of the check; what is wrong goes to standard error."""
    try:
        settings = load_settings()
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if answers(settings.host, settings.port):
        return 0
    sys.stderr.write(f"No answer from /healthz on port {settings.port}.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
