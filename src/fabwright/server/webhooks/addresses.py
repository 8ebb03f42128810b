"""Which network addresses may be dialled, judged on the very address that the connection is then made to.

A check when a webhook is saved would be worth nothing: a name can stand for another address a second later, and an
answer can redirect. Here the name is resolved, each address judged, and a judged address, not the name, is dialled.
"""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpcore

from fabwright.server.environment import Network

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_RESOLVERS = 32  # threads that wait for name servers; a dead one must not stop the others
_METADATA = frozenset(
    map(ipaddress.ip_address, ("169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254"))
)
_EMBEDS = tuple(
    map(ipaddress.ip_network, ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
)

# The special-purpose addresses (IANA; RFC 6890 and its updates), because what the standard library knows of
# them differs from one Python to the next.
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            *("::/127", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/9"),
            *("ff00::/8",),
        ),
    )
)


class Refused(httpcore.ConnectError):
    """The target leads to a network that webhooks may not reach."""


def refusal(address: Address, allowed: Sequence[Network]) -> str:
    """Why an address may not be dialled; empty when it may.

    Args:
        allowed: networks that the operator has opened (`FABWRIGHT_WEBHOOK_ALLOW`).
    """
    seen = {address}
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        seen.add(mapped)
    if any(one in network for one in seen for network in allowed if one.version == network.version):
        return ""
    if address in _METADATA or mapped in _METADATA:
        return "the metadata service of a cloud"
    if address.version == 6 and any(address in network for network in _EMBEDS) and not address.is_loopback:
        return "an IPv4 address inside IPv6"
    for name in ("is_unspecified", "is_loopback", "is_link_local", "is_multicast", "is_private", "is_reserved"):
        if getattr(address, name):
            return name.removeprefix("is_").replace("_", "-")
    is_special = any(address in network for network in _SPECIAL if network.version == address.version)
    return "not a public address" if is_special or not address.is_global else ""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Makes connections only to addresses that have been judged.

    Args:
        allowed: networks that may be dialled although they are not public.
    """

    def __init__(self, allowed: Sequence[Network]) -> None:
        self._allowed = allowed
        self._inner = httpcore.AnyIOBackend()
        self._resolvers = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first address of `host` that may be dialled and answers.

        Raises:
            Refused: no address of the host may be dialled; names them and why.
            httpcore.ConnectError: the name is not known, or nobody answers.
        """
        failure: Exception | None = None
        for address in self._judged(host, await self._resolve(host, port)):
            try:
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None  # _judged returns at least one address
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        raise Refused("webhooks do not go to sockets of this machine")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def close(self) -> None:
        """Ends the threads that resolve names."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def _judged(self, host: str, addresses: Sequence[Address]) -> list[Address]:
        verdicts = {address: refusal(address, self._allowed) for address in addresses}
        good = [address for address, why in verdicts.items() if not why]
        if not good:
            reasons = ", ".join(f"{address} ({why})" for address, why in verdicts.items())
            raise Refused(f"{host} leads to {reasons}; the operator may allow the network in FABWRIGHT_WEBHOOK_ALLOW")
        return good

    async def _resolve(self, host: str, port: int) -> list[Address]:
        with contextlib.suppress(ValueError):
            return [ipaddress.ip_address(host.strip("[]").partition("%")[0])]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(
                self._resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            )
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} is not known: {error}") from error
        return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
