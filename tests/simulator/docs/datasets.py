"""Documents of datasets: whole ones, with their files, as lists and reuses repeat them."""

from datetime import datetime, timedelta

from tests.simulator import words
from tests.simulator.counts import by_months, popularity, turn
from tests.simulator.details import details
from tests.simulator.docs.shared import (
    JSON,
    Scene,
    accessible,
    contact_point,
    dataset_head,
    denied,
    discussions,
    kinds,
    owned,
    schema,
    utc,
)
from tests.simulator.docs.zones import spatial
from tests.simulator.parts import EPOCH
from tests.simulator.records import Dataset, Details, Resource, State
from tests.simulator.sources import source_of
from tests.simulator.world import World

CLOSED_FORMATS = ("pdf", "doc", "docx", "word", "xls", "excel", "xlsx")
DAYS = {"hourly": 1, "daily": 1, "weekly": 7, "monthly": 31, "quarterly": 93, "annual": 365}
"""Frequency -> days within which an update is due, for those that have any."""


def dataset(scene: Scene, record: Dataset) -> JSON:
    """The whole document. `harvest` leaves out the keys that have no value.

    Of the dates only `internal.last_modified_internal` moves with every change on the portal.
    """
    world, names, harvest = scene.world, scene.names, record.harvest
    more = details(record, world.versions[record.index])
    period = record.period
    return {
        **dataset_head(names, record),
        **accessible(more.access),
        "archived": utc(EPOCH.isoformat()) if record.state is State.ARCHIVED else None,
        "badges": kinds(more.badges),
        "contact_points": [contact_point(names, contact, record.owner) for contact in record.contacts],
        "created_at": utc((harvest and (harvest.issued or harvest.created)) or record.created),
        "deleted": utc(EPOCH.isoformat()) if record.state is State.DELETED else None,
        "description": record.description,
        "description_short": more.short,
        "doi": more.doi,
        "extras": dict(more.extras),
        "featured": record.featured,
        "frequency": record.frequency or "unknown",
        "frequency_date": utc(more.due),
        "geopf": None,
        "harvest": _harvest(world, record),
        "internal": {
            "created_at_internal": utc(record.created),
            "last_modified_internal": utc(record.modified),
        },
        "last_modified": utc((harvest and harvest.modified) or record.modified),
        "last_update": utc((harvest and harvest.modified) or record.updated),
        "license": words.LICENSES[record.license][0] if record.license is not None else "notspecified",
        "metrics": _metrics(world, record),
        **owned(names, record.owner),
        "permissions": denied("delete", "edit", "edit_resources"),
        "private": record.state is State.PRIVATE,
        "quality": _quality(record, more),
        "resources": [file(scene, found, record) for found in record.resources],
        "schema": schema(more.schema),
        "slug": record.slug,
        "spatial": spatial(more.spatial, full=scene.full),
        "tags": list(record.tags),
        "temporal_coverage": period and {"start": period[0], "end": period[1]},
    }


def file(scene: Scene, record: Resource, parent: Dataset | None = None) -> JSON:
    """One file; those of a harvested dataset say what they are upstream."""
    drawn, upstream = turn("file", record.id), None
    if parent and parent.harvest:
        known = {
            "issued_at": utc(record.created),
            "modified_at": utc(record.modified),
            "uri": f"https://amont.exemple.fr/dist/{record.id}",
        }
        upstream = {key: value for key, value in known.items() if value is not None}
    return {
        "checksum": record.checksum and {"type": record.checksum[0], "value": record.checksum[1]},
        "created_at": utc(record.created),
        "description": record.description,
        "extras": _checked(record),
        "filesize": record.size,
        "filetype": "remote" if record.remote else "file",
        "format": record.format,
        "geopf": None,
        "harvest": upstream,
        "id": record.id,
        "internal": {
            "created_at_internal": utc(record.created or record.modified),
            "last_modified_internal": utc(record.modified),
        },
        "last_modified": utc(record.modified),
        "latest": scene.names.download(record),
        "metrics": {"views": drawn % 1000 + scene.world.visits} if drawn % 4 == 0 else {},
        "mime": record.mime,
        "preview_url": None,
        "schema": schema(record.schema),
        "title": record.title,
        "type": record.kind,
        "url": record.url,
    }


def _checked(record: Resource) -> JSON:
    if record.available is None:
        return {}
    return {
        "check:available": record.available,
        "check:date": "2026-10-30T08:00:00+00:00",
        "check:status": 200 if record.available else 404,
    }


def _harvest(world: World, record: Dataset) -> JSON | None:
    harvest = record.harvest
    if harvest is None:
        return None
    source = source_of(world.society.sources, record.index)
    known = {
        "backend": source.backend,
        "created_at": utc(harvest.created),
        "dct_identifier": harvest.identifier,
        "doi": f"10.1234/amont.{record.index}" if record.index % 51 == 0 else None,
        "domain": source.url.split("/")[2],
        "issued_at": utc(harvest.issued),
        "last_update": utc((EPOCH - timedelta(hours=record.index % 24)).isoformat()),
        "modified_at": utc(harvest.modified),
        "remote_id": f"rid-{record.index}",
        "remote_url": harvest.page,
        "source_id": source.id,
        "source_url": source.url,
        "uri": harvest.uri,
    }
    return {key: value for key, value in known.items() if value is not None}


def _metrics(world: World, record: Dataset) -> JSON:
    """Counts of what is listed now, and popularity, which moves with the world's visits."""
    drawn = turn("downloads", record.index)
    return {
        "dataservices": len(world.services_of.get(record.index, ())),
        **discussions(world, "Dataset", record.index),
        **popularity("dataset", record.index, world.visits),
        "resources_downloads": drawn % 100 * (1 + world.visits) if record.resources else 0,
        "reuses": world.shown["Dataset", record.index],
        "reuses_by_months": by_months(drawn),
    }


def _quality(record: Dataset, more: Details) -> JSON:
    """What udata 17.18 checks, and the part of nine that is met; checks that are moot are left out.

    "Now" is the world's epoch: unlike a real portal's, no score moves with the clock.
    """
    frequent = (record.frequency or "unknown") != "unknown"
    checks = {
        "dataset_description_quality": len(record.description) > 100,
        "license": record.license is not None,
        "spatial": more.spatial is not None,
        "temporal_coverage": record.period is not None,
        "update_frequency": frequent,
    }
    if frequent:
        checks["update_fulfilled_in_time"] = _punctual(record)
    files = record.resources
    if files:
        checks |= {
            "all_resources_available": all(f.available is not False for f in files),
            "has_open_format": not all((f.format or "pdf") in CLOSED_FORMATS for f in files),
            "resources_documentation": any(f.kind == "documentation" or f.description for f in files),
        }
    scored = {**checks, "score": sum(checks.values()) / 9}
    return scored | {"has_resources": True} if files else scored


def _punctual(record: Dataset) -> bool:
    """Whether the last update is not overdue, a day of delay allowed."""
    days = DAYS.get(record.frequency or "")
    if days is None:
        return True
    last = datetime.fromisoformat((record.harvest and record.harvest.modified) or record.updated)
    return last + timedelta(days=days + 1) >= EPOCH
