"""The guard: what may be reached is what belongs to the public Internet, and each known way round is closed."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import ChannelError
from channels.guard import Target, checked_addresses, is_public, read_target

V4, V6 = st.ip_addresses(v=4), st.ip_addresses(v=6)
INSIDE = [
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8",
    "224.0.0.0/4", "240.0.0.0/4", "198.18.0.0/15", "192.0.0.0/24",
]  # fmt: skip
# Global to the registry, and yet nothing that a webhook could live at: anycast sinks, 6to4's relay, Azure's host.
OUTSIDE_OF_GLOBAL = [
    ipaddress.ip_network(net)
    for net in (
        "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24", "192.88.99.0/24", "192.0.0.0/24", "168.63.129.16/32",
    )
]  # fmt: skip


@given(V4)
def test_an_open_ipv4_address_is_global_and_a_global_one_is_open(address: ipaddress.IPv4Address) -> None:
    special = address.is_multicast or any(address in net for net in OUTSIDE_OF_GLOBAL)
    assert is_public(str(address)) == (address.is_global and not special)


@given(st.sampled_from(INSIDE).flatmap(lambda net: st.ip_addresses(network=net)))
def test_no_address_of_a_network_of_ones_own_is_open(address: ipaddress.IPv4Address) -> None:
    assert not is_public(str(address))


@given(V6)
def test_an_open_ipv6_address_is_global_unicast(address: ipaddress.IPv6Address) -> None:
    if is_public(str(address)):
        assert address in ipaddress.ip_network("2000::/3")
        assert address.is_global
        assert not any((address.is_multicast, address.is_private, address.is_link_local, address.is_site_local))
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@given(V4)
def test_no_ipv4_address_hides_in_an_ipv6_one(inner: ipaddress.IPv4Address) -> None:
    number = int(inner)
    hidden = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),  # mapped
        ipaddress.IPv6Address(number),  # compatible
        ipaddress.IPv6Address((0x64FF9B << 96) | number),  # NAT64
        ipaddress.IPv6Address((0x64FF9B0001 << 80) | number),  # local NAT64
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80)),  # 6to4
        ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo
    ]
    assert [str(each) for each in hidden if is_public(str(each))] == []


@pytest.mark.parametrize("address", ["fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "ff02::1", "::", "::1"])
def test_ipv6_of_ones_own_network_is_closed(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["100.100.100.200", "169.254.169.254", "169.254.0.23", "168.63.129.16"])
def test_the_metadata_of_every_cloud_is_closed(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "0x7f000001", "2130706433", "1.2.3.4/32", "\ud800", "２"])
def test_what_is_no_address_is_not_open(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"])
def test_the_public_internet_is_open(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://push.zj.example/hook", "push.zj.example", 443),
        ("https://PUSH.zj.example:8443", "push.zj.example", 8443),
        ("https://a-b.c1.example:65535/a/b?c=d&e=%20", "a-b.c1.example", 65535),
        ("https://xn--fiqs8s.example/", "xn--fiqs8s.example", 443),
    ],
)
def test_a_public_name_is_read(url: str, host: str, port: int) -> None:
    assert read_target(url) == Target("https", host, port)


ATTACKS = [
    "http://push.zj.example/",  # no TLS
    "ftp://push.zj.example/", "file:///etc/passwd", "gopher://push.zj.example/", "//push.zj.example/", "",
    "https://", "https:///x", "https:push.zj.example", "HTTPS://push.zj.example",
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/",
    "https://017700000001/", "https://0177.0.0.1/", "https://0/", "https://127.0.0.1.", "https://1.2.3.4/",
    "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::]/", "https://[fe80::1%25eth0]/", "https://[::1",
    "https://[2606:4700:4700::1111]/",
    "https://localhost/", "https://a.localhost/", "https://printer.local/", "https://db.internal/", "https://nas.lan/",
    "https://router.home.arpa/", "https://intranet/", "https://redis:6379/",
    "https://user@push.zj.example/", "https://user:word@push.zj.example/", "https://push.zj.example@127.0.0.1/",
    "https://push.zj.example:443@127.0.0.1/", "https://127.0.0.1#@push.zj.example/", "https://a.example\\@127.0.0.1/",
    "https://push.zj.example#x", "https://push.zj.example\\..\\x", "https://push.zj.example/\r\nHost: x",
    "https://push.zj.example /", " https://push.zj.example/", "https://push.zj.example/\n", "https://push\t.zj.example/",
    "https://push.zj.example/\x00", "https://push。zj.example/", "https://ⓛocalhost.example/", "https://１２７.0.0.1/",
    "https://push..example/", "https://.example/", "https://-a.example/", "https://push.example./", "https://a_b.example",
    "https://push.zj.example:0/", "https://push.zj.example:22/", "https://push.zj.example:80/",
    "https://push.zj.example:65536/", "https://push.zj.example:99999/", "https://push.zj.example:-1/",
    "https://push.zj.example:/", "https://push.zj.example:4４3/", "https://push.zj.example:443:443/",
    "https://push.zj.example/" + "a" * 2048, "https://" + "a." * 200 + "example/", "https://push.zj.example/\ud800",
]  # fmt: skip


@pytest.mark.parametrize("url", ATTACKS)
def test_an_attack_is_refused(url: str) -> None:
    with pytest.raises(ChannelError) as caught:
        read_target(url)
    assert caught.value.code == "blocked_address"
    assert "127.0.0.1" not in caught.value.sentence


@given(st.text(max_size=60))
def test_any_text_is_refused_or_names_a_public_host(text: str) -> None:
    try:
        found = read_target(f"https://{text}")
    except ChannelError:
        return
    assert "." in found.host
    assert text.lower().startswith(found.host)
    assert found.host.isascii()


def test_this_machine_is_open_only_on_request() -> None:
    for url in ("http://127.0.0.1:8026/x", "https://[::1]:8443/x"):
        with pytest.raises(ChannelError):
            read_target(url)
        assert read_target(url, allow_local=True).port in (8026, 8443)
    for url in ("http://10.0.0.1/", "http://push.zj.example/", "http://localhost/", "http://169.254.169.254/"):
        with pytest.raises(ChannelError):
            read_target(url, allow_local=True)


def answers(*found: str) -> list[str]:
    """What the guard lets through of a name with these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return found

    return asyncio.run(checked_addresses(Target("https", "push.zj.example", 443), resolve))


def test_a_name_with_public_addresses_is_open() -> None:
    assert answers("1.1.1.1", "2606:4700:4700::1111") == ["1.1.1.1", "2606:4700:4700::1111"]
    assert len(answers(*["1.1.1.1"] * 50)) == 8


@pytest.mark.parametrize("found", [[], ["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["::ffff:1.1.1.1"], ["1.1.1.1", "x"]])
def test_one_address_within_spoils_all(found: list[str]) -> None:
    with pytest.raises(ChannelError) as caught:
        answers(*found)
    assert caught.value.code == "blocked_address"
