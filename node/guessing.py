"""How often something may be tried: a password by account and address, a knock by address. Pure.

Each account and each address has a small store of guesses that fills up again with time. A guess is
taken before it is checked, so guesses made at once count as well, and given back when it was right.
An account need not exist to be counted, so the answer tells nothing. Memory is bounded: the name or
address that was longest unused makes room. Accounts and addresses are kept apart, so that a flood
of one does not push out the other.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

KEYS_MAX = 20_000
_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many guesses in a row, and how long until one more is allowed."""

    guesses: int
    refill_ms: int


OF_ACCOUNT = Allowance(guesses=10, refill_ms=60_000)
OF_ADDRESS = Allowance(guesses=30, refill_ms=10_000)


class Guesses:
    """The stores of one kind of key. `due` is the time at which a key's store would be full."""

    def __init__(self, allowance: Allowance, keys_max: int = KEYS_MAX) -> None:
        self._allowance = allowance
        self._keys_max = keys_max
        self._due: OrderedDict[bytes, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._due)

    def wait_ms(self, key: str, now_ms: int) -> int:
        """How long until this key may guess; 0 when it may now."""
        due = max(self._due.get(_digest(key), now_ms), now_ms)
        room = (self._allowance.guesses - 1) * self._allowance.refill_ms
        return max(0, due - now_ms - room)

    def take(self, key: str, now_ms: int) -> None:
        """Take one guess."""
        digest = _digest(key)
        self._due[digest] = max(self._due.get(digest, now_ms), now_ms) + self._allowance.refill_ms
        self._due.move_to_end(digest)
        while len(self._due) > self._keys_max:
            self._due.popitem(last=False)

    def give_back(self, key: str) -> None:
        """The guess was right: it cost nothing. Earlier wrong ones still count."""
        digest = _digest(key)
        if digest in self._due:
            self._due[digest] -= self._allowance.refill_ms


class Guessing:
    """Both limits together."""

    def __init__(self, keys_max: int = KEYS_MAX) -> None:
        self.accounts = Guesses(OF_ACCOUNT, keys_max)
        self.addresses = Guesses(OF_ADDRESS, keys_max)

    def take(self, account: str, address: str, now_ms: int) -> int:
        """Take a guess if both may, and return 0; else how long to wait, and nothing is taken."""
        network = network_of(address)
        wait_ms = max(
            self.accounts.wait_ms(account, now_ms), self.addresses.wait_ms(network, now_ms)
        )
        if wait_ms == 0:
            self.accounts.take(account, now_ms)
            self.addresses.take(network, now_ms)
        return wait_ms

    def right(self, account: str, address: str) -> None:
        """The guess just taken was right."""
        self.accounts.give_back(account)
        self.addresses.give_back(network_of(address))


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or a whole IPv6 /64, which one person gets."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _digest(key: str) -> bytes:
    """Keys are kept as short digests: of one size, and not readable in a dump of the memory."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=_KEY_BYTES).digest()
