"""Which addresses may be called, whatever way they are written in."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from node.addresses import EVERYWHERE, is_never_called, is_public, may_call

INNER = (
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "100.64.0.1", "100.100.100.200", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "::1", "fc00::1", "fd00:ec2::254",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1",
    "64:ff9b:1::7f00:1", "::127.0.0.1", "::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
    "2001::1", "2001:0:a00:1::1", "2001:20::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1",
    "4000::1",
)  # fmt: skip
NEVER = (
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
    "::ffff:169.254.169.254", "::ffff:0:0", "64:ff9b::169.254.169.254",
)  # fmt: skip
NO_ADDRESSES = ("", "hjo.se", "2130706433", "0x7f.1", "127.1", "1.2.3.4.5", "[::1]", "١٢٧.0.0.1")
PUBLIC = (
    "8.8.8.8", "192.0.1.1", "100.128.0.1", "172.32.0.1", "223.255.255.255",
    "2001:4860:4860::8888", "2a00:801::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
)  # fmt: skip


@pytest.mark.parametrize("address", INNER + NEVER + NO_ADDRESSES)
def test_what_leads_inside_is_not_public(address: str) -> None:
    """No spelling of an inner, special or missing address is called as things stand."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_rest_of_the_internet_is_public(address: str) -> None:
    """What is given out to networks may be called, also through a translator of addresses."""
    assert is_public(address)


@pytest.mark.parametrize("address", NEVER + NO_ADDRESSES)
def test_no_setting_allows_what_is_never_called(address: str) -> None:
    """Also where everything else may be called."""
    assert is_never_called(address)
    assert not may_call(address, EVERYWHERE)


@pytest.mark.parametrize("address", INNER + PUBLIC)
def test_a_network_that_is_named_may_be_called(address: str) -> None:
    """What is not never called is allowed by naming its network, and by no other."""
    assert may_call(address, EVERYWHERE)
    assert may_call(address, [ip_network("198.19.255.255/32")]) == is_public(address)


def test_a_network_is_named_by_what_is_reached() -> None:
    """An IPv4 network holds the IPv6 addresses that stand for it, and an IPv6 one does not."""
    loopback = (ip_network("127.0.0.0/8"),)

    assert may_call("::ffff:127.0.0.1", loopback)
    assert not may_call("::ffff:127.0.0.1", [ip_network("::/0")])
    assert not may_call("::1", loopback)
    assert not may_call("::127.0.0.1", loopback)
