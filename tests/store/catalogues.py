"""Small catalogues whose every state is known: state N says N about each of some things, and nothing else."""

import shutil
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from harvester.store.generations import Catalogue, Generation, Stage

THINGS = 30
PREDICATE = NamedNode("http://example.org/state")


def state(number: int) -> set[Quad]:
    """All quads of a catalogue in state `number`."""
    return {
        Quad(
            NamedNode(f"http://example.org/{thing}"),
            PREDICATE,
            Literal(number),
            NamedNode(f"urn:x-harvester:record:example.org:http://example.org/{thing}"),
        )
        for thing in range(THINGS)
    }


def fill(stage: Stage, number: int) -> None:
    """Bring a staged store to state `number`, as a harvest does: graph by graph, and in bulk."""
    for graph in list(stage.store.named_graphs()):
        stage.store.remove_graph(graph)
    stage.store.bulk_load(serialize(state(number), format=RdfFormat.N_QUADS), RdfFormat.N_QUADS)


def publish(catalogue: Catalogue, number: int, keep: int = 3) -> Generation:
    """Publish state `number` as a whole run does."""
    with catalogue.lock(f"test run {number}"), catalogue.stage(f"run-{number}") as stage:
        fill(stage, number)
        return stage.publish({"state": number}, keep)


def content(generation: Generation) -> set[Quad]:
    """All quads of a generation."""
    with generation.open() as store:
        return set(store)


def names(folder: Path) -> set[str]:
    """What is in a folder."""
    return {path.name for path in folder.iterdir()}


def snapshot(folder: Path) -> dict[str, bytes]:
    """The bytes of each file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def start_afresh(folder: Path) -> Catalogue:
    """Return a catalogue in a folder that is not there."""
    shutil.rmtree(folder, ignore_errors=True)
    return Catalogue(folder)
