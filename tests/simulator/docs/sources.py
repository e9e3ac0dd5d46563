"""Documents of harvest sources."""

from tests.simulator.docs.shared import JSON, Scene, denied, owned, person_reference, utc
from tests.simulator.records import Source
from tests.simulator.text import identifier

CONFIGS: dict[str, JSON] = {
    "ckan": {"filters": [{"key": "organization", "type": "include", "value": "ville"}]},
    "csw-dcat": {"features": {"inspire": True}},
    "dcat": {},
}


def source(scene: Scene, record: Source) -> JSON:
    """The document, in the list as alone. Those that nobody validated were never harvested."""
    validator = record.validator
    return {
        "active": validator is not None,
        "autoarchive": record.index % 4 != 2,
        "backend": record.backend,
        "config": CONFIGS[record.backend],
        "created_at": utc(record.created),
        "deleted": utc(record.deleted),
        "description": record.description,
        "id": record.id,
        "last_job": _job(scene, record),
        "name": record.name,
        **owned(scene.names, record.owner),
        "permissions": denied("delete", "edit", "preview", "run", "schedule", "validate"),
        "schedule": "30 2 * * *" if record.index % 2 == 0 else None,
        "slug": record.slug,
        "url": record.url,
        "validation": {
            "by": validator and person_reference(scene.names, validator),
            "comment": "vu" if validator else None,
            "on": utc(record.created) if validator else None,
            "state": "accepted" if validator else "pending",
        },
    }


def _job(scene: Scene, record: Source) -> JSON | None:
    """The last run; its own `source` is hollow, and the link to its items is relative, as udata's are."""
    if record.harvests is None:
        return None
    key = identifier(scene.world.seed, "job", record.index)
    failed = record.index % 3 == 2
    error = {"created_at": "2026-10-31T08:00:00+00:00", "details": None, "message": "L'amont ne répond pas"}
    done = 0 if failed else record.harvests
    statuses = dict.fromkeys(("archived", "failed", "pending", "skipped", "started"), 0)
    return {
        "created": "2026-10-31T07:00:00+00:00",
        "ended": "2026-10-31T09:00:00+00:00",
        "errors": [error] if failed else [],
        "id": key,
        "items": {
            "by_status": {**statuses, "done": done},
            "by_type": {"dataservice": 0, "dataset": done},
            "href": f"/api/1/harvest/job/{key}/items/",
            "rel": "subsection",
            "total": done,
            "type": "GET",
        },
        "source": {"class": "NoneType", "id": None},
        "started": "2026-10-31T08:00:00+00:00",
        "status": "failed" if failed else "done",
    }
