"""Which addresses may be dialled, judged when they are."""

import asyncio
import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fabwright.server.webhooks import addresses
from fabwright.server.webhooks.addresses import GuardedBackend, Refused, refusal
from tests.webhook_receiver import Receiver

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "100.100.100.200", "168.63.129.16", "192.0.0.8", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
        "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:8.8.8.8",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1",
        "::127.0.0.1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert refusal(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"])
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert refusal(ipaddress.ip_address(address), ()) == ""


def test_the_operator_may_allow_a_network_and_only_that() -> None:
    allowed = (ipaddress.ip_network("10.20.0.0/16"),)
    assert refusal(ipaddress.ip_address("10.20.3.4"), allowed) == ""
    assert refusal(ipaddress.ip_address("::ffff:10.20.3.4"), allowed) == ""
    assert refusal(ipaddress.ip_address("10.21.0.1"), allowed)
    assert refusal(ipaddress.ip_address("fd00::1"), allowed)


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_no_private_address_slips_through_inside_ipv6(address: ipaddress.IPv4Address) -> None:
    for prefix in ("::ffff:0:0", "64:ff9b::", "::"):
        inside = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) + int(address))
        assert refusal(inside, ())


def dial(backend: GuardedBackend, host: str, port: int) -> Any:
    async def run() -> Any:
        try:
            stream = await backend.connect_tcp(host, port, timeout=2.0)
        finally:
            backend.close()
        peer = stream.get_extra_info("server_addr")
        await stream.aclose()
        return peer[0]

    return asyncio.run(run())


def test_a_name_that_turns_to_a_private_address_is_refused_when_it_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *a, **k: [(0, 0, 0, "", ("10.0.0.7", 80))])
    with pytest.raises(Refused, match=r"rebound\.example leads to 10\.0\.0\.7 \(private\)"):
        dial(GuardedBackend(()), "rebound.example", 80)


def test_of_many_addresses_only_those_that_may_be_are_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(0, 0, 0, "", ("10.0.0.7", 80)), (0, 0, 0, "", ("127.0.0.1", 80))]
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *a, **k: found)
    with Receiver() as receiver:
        assert dial(GuardedBackend(LOOPBACK), "both.example", receiver.port) == "127.0.0.1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "[::1]", "0"])
def test_other_spellings_of_loopback_are_refused_too(host: str) -> None:
    try:
        socket.getaddrinfo(host.strip("[]"), 80)
    except OSError:
        pytest.skip(f"{host} is no address here")
    with pytest.raises(Refused):
        dial(GuardedBackend(()), host, 80)


def test_sockets_of_the_machine_are_refused() -> None:
    with pytest.raises(Refused):
        asyncio.run(GuardedBackend(()).connect_unix_socket("/run/anything"))
