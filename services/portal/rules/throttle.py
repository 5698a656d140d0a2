"""When somebody who keeps giving wrong passwords has to wait."""

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

WINDOW = timedelta(minutes=15)
_HOUSEHOLD = 64

# Wrong passwords within the window before the next attempt is not even looked at. The pair of user name and
# address stops guessing; the user name alone stops guessing from many addresses, and is higher so that a stranger
# cannot easily lock a woman out of her own account; the address alone stops trying many names.
LIMITS = {"pair": 5, "username": 25, "address": 60}


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the network, for a household there has more addresses than it could use."""
    try:
        told = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((told, _HOUSEHOLD), strict=False)) if isinstance(told, IPv6Address) else address


def waiting_minutes(kind: str, failures: int, since: datetime, now: datetime) -> int:
    """Whole minutes to wait (rounded up), 0 when the next attempt may be made; `since` is the window's begin."""
    if failures < LIMITS[kind] or now >= since + WINDOW:
        return 0
    return max(1, -int(-(since + WINDOW - now).total_seconds() // 60))


def next_count(failures: int, since: datetime, now: datetime) -> tuple[int, datetime]:
    """The count and the begin of the window after one more attempt."""
    return (1, now) if now >= since + WINDOW else (failures + 1, since)
