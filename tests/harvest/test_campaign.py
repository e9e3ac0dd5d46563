"""Bad nights without end: whatever a portal does, a run ends as documented, loses nothing, and heals."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from harvester.config import HttpSettings
from harvester.errors import HarvesterError
from harvester.store.generations import Catalogue
from tests.harvest.comparing import CONTACTS, DATASET, REUSE, SERVICE, assert_truth, same, same_but_archived
from tests.harvest.mixes import Mix, bad_night, changes, telling
from tests.harvest.support import QUICK, THOROUGH, harvest, instances, said
from tests.simulator import Portal, Truth, World, serve

STORES = 10 if THOROUGH else 1
NIGHTS = 30 if THOROUGH else 8
HEALS_EVERY = 10 if THOROUGH else 8
DOCUMENTED = {0, 3, 4, 5}
"""What can be the portal's doing: published, unreachable, nothing publishable, some skipped."""
HASTY = replace(QUICK, read_timeout=0.6, total_timeout=1.2, backoff=0.005, max_wait=1)
PATIENT = HttpSettings(rate=0, backoff=0.01)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(STORES))
def test_bad_nights_lose_nothing_and_one_good_one_heals_all(seed, tmp_path):
    """Night after night on one store, each with a mix of faults; then one on which the portal is well."""
    draw = Random(f"campaign {seed}")
    world = World(datasets=draw.randint(12, 40), reuses=draw.randint(3, 10), seed=seed)
    size = draw.randint(4, 11)
    codes = []
    with serve(world) as portal:
        for night in range(NIGHTS):
            portal.world = changes(draw).over(portal.world, draw)
            mix, mode = bad_night(draw), draw.choice(("auto", "auto", "full", "delta"))
            with telling(f"seed {seed}, night {night}, mode {mode}, {size} a page, {portal.world}: {mix}"):
                codes.append(_live_through(portal, tmp_path, mix, mode=mode, page_size=size))
                if night % HEALS_EVERY == HEALS_EVERY - 1:
                    report = _run(portal, tmp_path, PATIENT, mode="full", page_size=size, grace=0)
                    assert report == 0
                    assert_truth(tmp_path / "store", portal)
        _run(portal, tmp_path, PATIENT, name="fresh", mode="full", page_size=size)
        truth = Truth(portal.world, portal.api)

    same_but_archived(said(tmp_path / "store"), said(tmp_path / "fresh"), truth)
    wanted = {0, 5} if THOROUGH else {0}  # eight nights need not have one of each kind
    assert wanted <= set(codes), "the mixes are too kind, or too cruel, to prove anything"


def _live_through(portal: Portal, folder: Path, mix: Mix, **options) -> int:
    """Run over one bad night and check that nothing was lost by it, and nothing invented."""
    store, true = folder / "store", portal.world
    before = said(store) if Catalogue(store).current() else set()
    portal.world, portal.faults = mix.shown(true), mix.faults
    code = _run(portal, folder, HASTY, **options)
    portal.faults = []
    portal.world = true if mix.disguise else portal.world
    after = said(store) if Catalogue(store).current() else set()
    assert code in DOCUMENTED
    published = _published(true, portal) & _published(portal.world, portal)
    kept = _records(before) & published
    same("what was known and is still published", kept & _records(after), kept)
    same("records that are empty", {iri for iri in kept if len(_about(after, iri)) < 3}, set())
    ever = _published(true, portal) | _published(portal.world, portal) | _hidden(portal)
    same("records never published", _records(after) - _records(before) - ever, set())
    return code


def _run(portal: Portal, folder: Path, settings: HttpSettings, name: str = "store", **options) -> int:
    """Return how a run ends, in the codes that the command ends with."""
    try:
        return harvest(portal.site, folder / name, settings=settings, **options).exit_code
    except HarvesterError as error:
        return error.exit_code


def _records(quads: set) -> set[str]:
    return instances(quads, DATASET, SERVICE, REUSE, *CONTACTS)


def _published(world: World, portal: Portal) -> set[str]:
    truth = Truth(world, portal.api)
    return {*truth.datasets, *truth.services, *truth.reuses, *truth.contacts}


def _hidden(portal: Portal) -> set[str]:
    """IRIs of what reuses name and no listing shows, and whom it names."""
    truth = Truth(portal.world, portal.api)
    records = [portal.world.dataset(index) for index in portal.world.hidden]
    contacts = (truth.names.contact(contact) for record in records for contact in record.contacts)
    return {*map(truth.iri, records), *contacts}


def _about(quads: set, iri: str) -> list:
    return [quad for quad in quads if quad.subject.value == iri]
