"""Places that datasets and topics are about, by the codes of INSEE; any zone that can be, is."""

import re
from dataclasses import dataclass

from tests.simulator import words
from tests.simulator.records import Spatial
from tests.simulator.text import slug

_ZONE = re.compile(r"(country|fr:region|fr:departement|fr:commune):([a-z0-9]+)")
_PATHS = {"fr:region": "region", "fr:departement": "departement", "fr:commune": "commune"}


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as its id tells it; countries have no `uri`."""

    id: str
    level: str
    code: str
    name: str
    slug: str
    uri: str | None


def zone(id_: str) -> Zone | None:
    """Return the zone with this id: two countries, 18 regions, 95 departements, 200 communes in each.

    >>> zone("fr:commune:30189").uri
    'http://id.insee.fr/geo/commune/30189'
    >>> zone("fr:commune:99999") is None
    True
    """
    match = _ZONE.fullmatch(id_)
    if match is None or not _exists(match[1], match[2]):
        return None
    level, code = match[1], match[2]
    if level == "country":
        name = {"fr": "France", "be": "Belgique"}[code]
        return Zone(id_, level, code, name, slug(name), None)
    place = words.PLACES[int(code) % len(words.PLACES)]
    names = {"fr:region": f"Région {place} {code}", "fr:departement": f"Département {code}"}
    name = names.get(level, f"{place} {code}")
    return Zone(id_, level, code, name, slug(name), f"http://id.insee.fr/geo/{_PATHS[level]}/{code}")


def coverage(number: int) -> Spatial:
    """Return some coverage by zones: one to three communes, a departement and its region, two countries."""
    departement = f"{1 + number % 95:02d}"
    communes = tuple(f"fr:commune:{departement}{1 + (number * 7 + k) % 200:03d}" for k in range(3))
    return (
        Spatial(communes[:1], None, "fr:commune"),
        Spatial(communes, None, "fr:commune"),
        Spatial(
            (f"fr:departement:{departement}", f"fr:region:{1 + number % 18:02d}"), None, "fr:departement"
        ),
        Spatial(("country:fr",), None, "country"),
        Spatial(communes[:2], None, "fr:epci"),
        Spatial(("country:fr", "country:be"), None, "other"),
    )[number % 6]


def _exists(level: str, code: str) -> bool:
    if level == "country":
        return code in ("fr", "be")
    if not code.isdigit():
        return False
    match level, len(code):
        case "fr:region", 2:
            return 1 <= int(code) <= 18
        case "fr:departement", 2:
            return 1 <= int(code) <= 95
        case "fr:commune", 5:
            return 1 <= int(code[:2]) <= 95 and 1 <= int(code[2:]) <= 200
    return False
