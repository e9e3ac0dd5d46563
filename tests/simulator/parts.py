"""What hangs from a dataset: its files, and what udata keeps of the catalogue that it came from."""

import random
from datetime import datetime, timedelta

from tests.simulator import words
from tests.simulator.records import Contact, Harvest, Resource, Schema
from tests.simulator.text import digest, sentence, uuid

EPOCH = datetime(2026, 11, 1, 8)  # noqa: DTZ001 - the portal's dates have no zone

KINDS = ("main", "main", "main", "documentation", "update", "api", "code", "other")
SCHEMAS = (
    Schema("etalab/schema-irve-statique", "2.3.1"),
    Schema("scdl/deliberations", "2.1.3"),
    Schema("scdl/deliberations"),
    Schema(None, url="https://schemas.exemple.fr/bal/1.4/schema.json"),
    Schema("local/été", "0.1", "https://schemas.exemple.fr/été.json"),
)
"""Those by name alone are in the portal's catalogue of schemas."""


def upstream(index: int, created: datetime, shared: int | None) -> Harvest:
    """Build what is known of dataset number `index` upstream; `shared`: its IRI is that of this dataset."""
    turn = index // 3
    uri = (
        f"https://amont.exemple.fr/dataset/{index}",
        f"https://amont.exemple.fr/jeu de données/{index}",
        f"https://amont.exemple.fr/jeu-é-{index}",
        f"urn:uuid:00000000-0000-4000-8000-{index:012x}",
        None,
        f"http://amont.exemple.fr/ds/{index}#dataset",
        f"https://ogc.exemple.fr/{index}|x%20y",
        f"https://amont.exemple.fr/liste[{index}]/a",
    )[turn % 8]
    if index % 600 == 33:
        uri = f"pas une iri {index}"
    if shared is not None:
        uri = f"https://amont.exemple.fr/dataset/partage-{shared}"
    return Harvest(
        uri=uri,
        identifier=(f"FR-{index:06d}", None, f"https://doi.org/10.1234/é{index}")[turn % 3],
        page=f"https://amont.exemple.fr/explore/{index}/" if turn % 4 else None,
        created=(created - timedelta(days=900)).isoformat() if turn % 3 else None,
        issued=(created - timedelta(days=600)).isoformat() if turn % 5 else None,
        modified=(created + timedelta(microseconds=index % 1000 * 1000)).isoformat() if turn % 6 else None,
    )


def resources(draw: random.Random, seed: int, index: int) -> tuple[Resource, ...]:
    """Build the files of dataset number `index`: mostly a few, of some none, of a few a great many."""
    if index % 29 == 28:
        return ()
    number = 150 if index % 997 == 100 else draw.choice((1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 12))
    return tuple(resource(draw, seed, index, j) for j in range(number))


def some(draw: random.Random, contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """Choose contacts of an owner."""
    return tuple(draw.sample(contacts, draw.randint(1, len(contacts))))


def resource(draw: random.Random, seed: int, index: int, number: int) -> Resource:
    """Build file `number` of dataset number `index`."""
    kind, mime = draw.choice(words.FILES)
    base = f"https://fichiers{index % 17}.exemple.fr/export/{index}/{number}"
    url = f"{base}/fichier.{kind or 'bin'}"
    match (index * 13 + number) % 23:
        case 3:
            url = f"{base}/données-été-{number}.csv?an=2024&type=détail"
        case 5:
            url = f"https://geo.exemple.fr/wms?service=WMS&request=GetCapabilities&layer=c{index}_{number}"
            kind = "ogc:wms"
        case 7:
            url, kind = f"https://geo.exemple.fr/wfs/c{index}_{number}", "wfs"
        case 11:
            url = f"{base}/a%20b/[1]|{{x}}^y`z.csv"
    created = EPOCH - timedelta(days=draw.randint(1, 1500), seconds=draw.randint(0, 86399))
    turn = index * 31 + number * 7
    remote = turn % 5 < 3
    return Resource(
        id=uuid(digest(seed, "resource", index, number)),
        title=f"Fichier {kind or 'divers'} – {draw.choice(words.PLACES)} ({2010 + number % 16})",
        description=sentence(draw) if draw.random() < 0.6 else None,
        url=url,
        format=kind,
        mime=mime,
        size=draw.randint(0, 10**9) if draw.random() < 0.7 else None,
        checksum=("sha1", digest(seed, "sum", index, number)) if draw.random() < 0.45 else None,
        created=created.isoformat() if number % 4 != 2 else None,
        modified=(created + timedelta(microseconds=number * 1000)).isoformat(),
        kind=KINDS[turn % len(KINDS)],
        remote=remote,
        available=turn % 11 != 0 if remote and turn % 3 else None,
        schema=SCHEMAS[turn % len(SCHEMAS)] if turn % 29 == 3 else None,
    )
