"""GeoJSON geometries of a portal as WKT literals (OGC GeoSPARQL 1.1, 8.5: the coordinates are CRS84)."""

import math
from collections.abc import Iterator
from typing import Any

from geomet import wkt

MAX_POSITIONS = 10_000
"""Most positions of a geometry that is taken over: about 200 kB of text."""

_DEPTHS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
_DECIMALS = 6  # a tenth of a metre


def to_wkt(geometry: object) -> str | None:
    """Return a GeoJSON geometry (RFC 7946, 3.1) as WKT; None if it is none, or beyond bounds.

    >>> to_wkt({"type": "Point", "coordinates": [2.35, 48.85]})
    'POINT (2.350000 48.850000)'
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or not isinstance(kind, str) or kind not in _DEPTHS:
        return None
    coordinates = geometry.get("coordinates")
    positions = 0
    for position in _positions(coordinates, _DEPTHS[kind]):
        positions += 1
        if positions > MAX_POSITIONS or not _is_position(position):
            return None
    if not positions:
        return None
    flat = {"type": kind, "coordinates": _in_the_plane(coordinates, _DEPTHS[kind])}
    text: str = wkt.dumps(flat, decimals=_DECIMALS)
    return text


def _positions(coordinates: object, depth: int) -> Iterator[object]:
    """Yield what stands where positions should, whatever it is; what is no list there is one too few."""
    if depth == 0:
        yield coordinates
    elif isinstance(coordinates, list) and coordinates:
        for inner in coordinates:
            yield from _positions(inner, depth - 1)
    else:
        yield None


def _is_position(position: object) -> bool:
    if not isinstance(position, list) or not 2 <= len(position) <= 4:
        return False
    numbers = [n for n in position if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(numbers) != len(position) or not all(map(math.isfinite, numbers)):
        return False
    return abs(numbers[0]) <= 180 and abs(numbers[1]) <= 90


def _in_the_plane(coordinates: Any, depth: int) -> list[Any]:
    """Leave out heights: WKT would need another type for them."""
    if depth == 0:
        return list(coordinates[:2])
    return [_in_the_plane(inner, depth - 1) for inner in coordinates]
