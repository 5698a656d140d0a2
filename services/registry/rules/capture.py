"""What the field form is expected to bring: the accuracy of a point, where it may lie, how old a business may be."""

ACCURACY_WARNING_M = 25.0
"""A point reported less accurate than this is to be taken again. Source: the inventory form (`warning-accuracy=25`)."""

EARLIEST_START = 1950
"""The first year of start the inventory form accepts."""

# Guatemala, El Salvador and Honduras with their islands and waters, in degrees (WGS 84).
_WEST, _SOUTH, _EAST, _NORTH = -93.0, 12.5, -81.5, 18.5


def refused_point(lon: float, lat: float) -> str | None:
    """Why a point cannot be one of the three countries: a code, or None when it can."""
    if lon == 0 and lat == 0:
        return "gps.zero"
    if _inside(lon, lat):
        return None
    return "gps.swapped" if _inside(lat, lon) else "gps.out_of_range"


def _inside(lon: float, lat: float) -> bool:
    return _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH
