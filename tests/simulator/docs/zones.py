"""Documents of spatial zones, and where datasets and topics are."""

from tests.simulator.docs.shared import JSON
from tests.simulator.records import Spatial
from tests.simulator.zones import Zone
from tests.simulator.zones import zone as known

LABELS = {
    "country": "Pays",
    "fr:departement": "Département français",
    "fr:commune": "Commune française",
    "fr:epci": "EPCI",
    "poi": "Point d'Intérêt",
    "other": "Autre",
}


def zone(record: Zone) -> JSON:
    """A single zone: without any geometry."""
    properties = {
        "code": record.code,
        "level": record.level,
        "name": record.name,
        "slug": record.slug,
        "uri": record.uri,
    }
    return {"id": record.id, "properties": properties, "type": "Feature"}


def zones(records: list[Zone]) -> JSON:
    """Several zones: with a geometry that says nothing."""
    nowhere = {"geometry": {"coordinates": None, "type": None}}
    return {"features": [zone(record) | nowhere for record in records], "type": "FeatureCollection"}


def spatial(record: Spatial | None, *, full: bool = False) -> JSON | None:
    """Where something is. `full`: zones and granularity are spelled out (X-Get-Datasets-Full-Objects)."""
    if record is None:
        return None
    geometry = record.geometry and {"coordinates": record.geometry, "type": "MultiPolygon"}
    granularity = record.granularity
    if not full:
        return {"geom": geometry, "granularity": granularity, "zones": list(record.zones)}
    return {
        "geom": geometry,
        "granularity": {"id": granularity, "name": LABELS[granularity]},
        "zones": [_reference(found) for id_ in record.zones if (found := known(id_))],
    }


def _reference(record: Zone) -> JSON:
    return {
        "class": "GeoZone",
        "code": record.code,
        "id": record.id,
        "level": record.level,
        "name": record.name,
        "slug": record.slug,
        "uri": record.uri,
    }
