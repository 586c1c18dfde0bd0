"""Where a request comes from."""

import ipaddress
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
UNKNOWN = "::"
IPV6_NEIGHBOURHOOD_BITS = 64


def client_address(request: HttpRequest) -> str:
    """Return the client's address, "" where unknown.

    X-Forwarded-For is believed as far back as it was written by MTM_TRUSTED_PROXIES, and no further.
    """
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    if not _is_trusted(address):
        return str(address or "")
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        known = _parsed(hop)
        if known is None:
            break
        address = known
        if not _is_trusted(address):
            break
    return str(address or "")


def throttle_address(request: HttpRequest) -> str:
    """Return what stands for the client when attempts are counted: an IPv6 client owns its whole /64."""
    address = _parsed(client_address(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, IPV6_NEIGHBOURHOOD_BITS), strict=False).network_address)
    return str(address or UNKNOWN)


def _parsed(text: str) -> Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _is_trusted(address: Address | None) -> bool:
    networks, unix_socket = _trusted(tuple(settings.MTM_TRUSTED_PROXIES))
    if address is None:
        return unix_socket
    return any(address in network for network in networks if network.version == address.version)


@lru_cache(maxsize=8)
def _trusted(proxies: tuple[str, ...]) -> tuple[tuple[Network, ...], bool]:
    networks = tuple(ipaddress.ip_network(proxy, strict=False) for proxy in proxies if proxy != "unix")
    return networks, "unix" in proxies
