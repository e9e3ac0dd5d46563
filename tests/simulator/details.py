"""What only the JSON says of a dataset. It moves with the dataset's edits, and only with them."""

from datetime import timedelta

from tests.simulator.parts import EPOCH, SCHEMAS
from tests.simulator.records import Access, Dataset, Details, Spatial
from tests.simulator.zones import coverage

AUDIENCES = (
    ("local_authority_and_administration", "yes"),
    ("company_and_association", "under_condition"),
    ("private", "no"),
)


def details(record: Dataset, version: int) -> Details:
    """Build the details of a dataset that was edited `version` times; a few of them show each edit."""
    index = record.index
    moving = index + version
    return Details(
        spatial=_spatial(index, moving),
        schema=SCHEMAS[moving % len(SCHEMAS)] if index % 80 == 2 else None,
        access=_access(record),
        badges=_badges(record),
        doi=f"10.5072/jeu.{index}" if index % 97 == 5 else None,
        short=f"Le jeu n° {index} en bref, version {version}." if index % 10 == 0 or version else None,
        due=(EPOCH + timedelta(days=30 + version)).isoformat() if index % 40 == 7 else None,
        extras=(("note:interne", f"révision {version}"),) if index % 25 == 6 else (),
    )


def _spatial(index: int, moving: int) -> Spatial | None:
    """A fifth has zones, a fifth a geometry, some nothing but a granularity; the rest says nothing."""
    match index % 5:
        case 1:
            return coverage(moving)
        case 2:
            return Spatial((), _multipolygon(index, moving), "other")
    return Spatial((), None, "poi") if index % 50 == 3 else None


def _multipolygon(index: int, moving: int) -> list[list[list[list[float]]]]:
    """A square; of some datasets one with a hole and another far away, of a few one with many corners."""
    west, south = -4 + moving % 97 / 10, 42 + index % 89 / 10
    corners = 400 if index % 200 == 7 else 1
    polygons = [[_ring(west, south, 1.0, corners)]]
    if index % 15 == 2:
        polygons[0].append(_ring(west + 0.25, south + 0.25, 0.5))
        polygons.append([_ring(55.2, -21.4, 0.7)])
    return polygons


def _ring(west: float, south: float, side: float, steps: int = 1) -> list[list[float]]:
    """Return a closed square, each side of it in so many steps."""
    along = [side * step / steps for step in range(steps)]
    ring = [
        *((west + d, south) for d in along),
        *((west + side, south + d) for d in along),
        *((west + side - d, south + side) for d in along),
        *((west, south + side - d) for d in along),
        (west, south),
    ]
    return [[round(x, 4), round(y, 4)] for x, y in ring]


def _access(record: Dataset) -> Access:
    url = f"https://habilitation.exemple.fr/demande?jeu={record.index}"
    if record.closed:
        reason = "Données à caractère personnel"
        return Access("restricted", AUDIENCES, url, "confidentiality_of_personal_data", reason)
    if record.index % 41 == 20:
        return Access("open_with_account", AUDIENCES[:1], url)
    return Access()


def _badges(record: Dataset) -> tuple[str, ...]:
    turns = (("spd", 20), ("inspire", 17), ("sl", 71), ("sr", 73), ("pivotal-data", 90))
    return (
        *(("hvd",) if record.hvd else ()),
        *(kind for kind, every in turns if record.index % every == every - 1),
    )
