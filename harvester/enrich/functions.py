"""Functions that rules may call: those of GeoSPARQL 1.1 that tell how far a geometry reaches.

https://docs.ogc.org/is/22-047r1/22-047r1.html#_non_topological_query_functions
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from harvester.vocab import GEO, XSD

GEOF = "http://www.opengis.net/def/function/geosparql/"
_Term = NamedNode | BlankNode | Literal | Triple
_DOUBLE = NamedNode(XSD + "double")
_WKT = NamedNode(GEO + "wktLiteral")
_MAX_CHARACTERS = 1_000_000
_CRS = re.compile(r"\s*<([^>]*)>")
_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_LATITUDE_FIRST = "http://www.opengis.net/def/crs/EPSG/0/4326"
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_POSITION = re.compile(rf"({_NUMBER})\s+({_NUMBER})(?:\s+{_NUMBER})*\s*(?=[,)])")


@lru_cache(maxsize=64)
def bounds(wkt: str) -> tuple[float, float, float, float] | None:
    """Return west, south, east and north of a geometry in WKT, in degrees of WGS 84; None if nobody can tell.

    The longitude comes first, unless the reference system is EPSG 4326; any other is not understood.
    https://docs.ogc.org/is/22-047r1/22-047r1.html#_well_known_text

    >>> bounds("MULTIPOINT ((2 48), (3 49.5))")
    (2.0, 48.0, 3.0, 49.5)
    """
    crs = _CRS.match(wkt)
    system = crs[1] if crs else _CRS84
    if len(wkt) > _MAX_CHARACTERS or system not in (_CRS84, _LATITUDE_FIRST):
        return None
    positions = [(float(x), float(y)) for x, y in _POSITION.findall(wkt, crs.end() if crs else 0)]
    if system == _LATITUDE_FIRST:
        positions = [(x, y) for y, x in positions]
    if not positions or not all(abs(x) <= 180 and abs(y) <= 90 for x, y in positions):
        return None
    eastings, northings = zip(*positions, strict=True)
    return min(eastings), min(northings), max(eastings), max(northings)


def _bound(number: int, *terms: _Term) -> Literal | None:
    match terms:
        case (Literal() as literal,) if literal.datatype == _WKT and (found := bounds(literal.value)):
            return Literal(repr(found[number]), datatype=_DOUBLE)
    return None


FUNCTIONS: dict[NamedNode, Callable[..., NamedNode | BlankNode | Literal | Triple | None]] = {
    NamedNode(GEOF + name): partial(_bound, number)
    for number, name in enumerate(("minX", "minY", "maxX", "maxY"))
}
"""By IRI. What they cannot tell is an error of the expression: the variable stays unbound."""
