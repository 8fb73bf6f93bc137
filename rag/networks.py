"""Visitors by their addresses on the network, as far as these tell them apart."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address


def network(address: str | None) -> str | None:
    """Return what tells a visitor apart by address, of IPv6 its /64; None of an address that many may share.

    >>> network("8.8.8.8"), network("::ffff:8.8.8.8"), network("2a00:1450::1"), network("10.0.0.1"), network(None)
    ('8.8.8.8', '8.8.8.8', '2a00:1450::/64', None, None)
    """
    try:
        found: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if not found.is_global:
        return None
    return str(found) if isinstance(found, IPv4Address) else str(IPv6Network((int(found), 64), strict=False))
