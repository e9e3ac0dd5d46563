"""What a dump in an application profile leaves out: the values that others stand in for."""

from pyoxigraph import RdfFormat, parse

from harvester.config import data_dir
from harvester.rdf.stand_ins import StandIns


def dcat_ap() -> StandIns:
    """Return which inferred values stand in for said ones where DCAT-AP is asked for, as its shapes say."""
    shapes = (data_dir("shapes") / "dcat-ap-3.ttl").read_bytes()
    return StandIns.read(quad.triple for quad in parse(shapes, RdfFormat.TURTLE))
