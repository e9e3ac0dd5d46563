"""Documents of data services."""

from tests.simulator.counts import popularity
from tests.simulator.docs.shared import (
    JSON,
    Scene,
    accessible,
    denied,
    discussions,
    kinds,
    owned,
    subsection,
    utc,
)
from tests.simulator.records import Access, Service
from tests.simulator.sources import source_of

FORMATS = ("REST", "WMS", "WSL", None)


def service(scene: Scene, record: Service) -> JSON:
    """The whole document; the datasets that it serves are a link to a list of them."""
    world, names, number = scene.world, scene.names, record.index
    docs = record.url.removesuffix("/v1") if record.documentation else None
    return {
        **accessible(_access(number)),
        "acronym": f"API{number}" if number % 4 == 1 else None,
        "archived_at": None,
        "availability": 99.95 if record.documentation else None,
        "availability_url": docs and f"{docs}/statut",
        "badges": kinds(("hvd",) if number % 12 == 1 else ()),
        "base_api_url": record.url,
        "business_documentation_url": docs and f"{docs}/métier",
        "contact_points": [],
        "created_at": utc(record.created),
        "datasets": subsection(f"{names.api}/datasets/?dataservice={record.id}", len(record.datasets)),
        "deleted_at": None,
        "description": record.description,
        "extras": {},
        "featured": number % 10 == 3,
        "format": FORMATS[number % len(FORMATS)],
        "harvest": _harvest(scene, record),
        "id": record.id,
        "license": "lov2" if number % 2 else None,
        "machine_documentation_url": record.documentation,
        "metadata_modified_at": utc(record.modified),
        "metrics": {
            **discussions(world, "Dataservice", number),
            **popularity("service", number, world.visits),
            "reuses": world.shown["Dataservice", number],
        },
        **owned(names, world.organizations[record.owner]),
        "permissions": denied("delete", "edit"),
        "private": False,
        "rate_limiting": f"{10 * number} appels/minute" if number % 3 == 1 else None,
        "rate_limiting_url": docs and f"{docs}/limites",
        "self_api_url": f"{names.api}/dataservices/{record.slug}/",
        "self_web_url": names.page("dataservices", record.slug),
        "slug": record.slug,
        "tags": list(record.tags),
        "technical_documentation_url": docs and f"{docs}/doc",
        "title": record.title,
    }


def _access(number: int) -> Access:
    url = f"https://habilitation.exemple.fr/demande?api={number}"
    match number % 6:
        case 1:
            audiences = (("local_authority_and_administration", "yes"), ("private", "no"))
            reason = "Données fiscales, sur habilitation"
            return Access("restricted", audiences, url, "confidentiality_of_personal_data", reason)
        case 2:
            return Access("open_with_account", (), url)
    return Access()


def _harvest(scene: Scene, record: Service) -> JSON:
    """Unlike that of a dataset it keeps the keys without a value, and is there if nothing was harvested."""
    keys = "archived_at archived_reason backend created_at domain issued_at last_update modified_at remote_id"
    known: JSON = dict.fromkeys((*keys.split(), "remote_url", "source_id", "source_url", "uri"))
    if record.uri is None:
        return known
    source = source_of(scene.world.society.sources, record.index) if scene.world.society.sources else None
    upstream = source and {
        "backend": source.backend,
        "domain": source.url.split("/")[2],
        "source_id": source.id,
        "source_url": source.url,
    }
    return (
        known
        | (upstream or {})
        | {
            "created_at": utc(record.created),
            "issued_at": utc(record.created),
            "last_update": utc(record.modified),
            "modified_at": utc(record.modified),
            "remote_id": f"svc-{record.index}",
            "remote_url": f"{record.uri}/page",
            "uri": record.uri,
        }
    )
