"""Reuse JSON to triples: the harvester's mapping beside morph-kgc, on the same file, in turns."""

import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rdflib import BNode, Graph, Namespace, URIRef
from rdflib.namespace import SKOS

from harvester.config import data_dir

HERE = Path(__file__).parent
MORPH_KGC = "morph-kgc==2.10.0"
"""It needs an older pyoxigraph than we do (<0.4), so it gets an environment of its own."""
_RECORDED = HERE.parent / "tests/data/reuses.json"
_CORE, _REST = HERE / "reuses.rml.ttl", HERE / "reuses-rest.rml.ttl"
_MASK = ("id", "title", "name", "uri", "page", "views")
_API = "http://portal.test/api/1/"
_HV = Namespace("urn:x-harvester:vocabulary#")


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds of wall and of processor time."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Bench:
    """A folder with `reuses.json`, and the Python that has morph-kgc."""

    work: Path
    python: Path

    @property
    def ours(self) -> list[str]:
        """The command that maps the file with the harvester's mapping."""
        return [sys.executable, "-m", "benchmarks.map_reuses", str(self.work / "reuses.json"), str(self.made)]

    @property
    def made(self) -> Path:
        """Where our triples go."""
        return self.work / "ours.nq"

    def theirs(self, name: str, *mappings: Path, processes: int | None = 1) -> Path:
        """Write a configuration of morph-kgc; triples go to `name`.nt."""
        config = self.work / f"{name}.ini"
        lines = ["[CONFIGURATION]", f"output_file = {config.with_suffix('.nt')}", "logging_level = ERROR"]
        lines += [f"number_of_processes = {processes}"] if processes else []
        config.write_text("\n".join([*lines, "[Reuses]", f"mappings = {','.join(map(str, mappings))}"]))
        return config

    def once(self, command: list[str]) -> Time:
        """Run a whole process."""
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, cwd=self._place(command), check=True, capture_output=True)
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        return Time(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    @contextmanager
    def warm(self, command: list[str]) -> Iterator[subprocess.Popen[str]]:
        """Yield a process that has read its mappings, and has mapped the file once."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, cwd=self._place(command), text=True, **pipes) as process:
            assert process.stdout
            while process.stdout.readline() != "ready\n":
                if process.poll() is not None:
                    raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
            again(process)
            yield process
            process.stdin.close()

    def _place(self, command: list[str]) -> Path:
        """RML names its sources by relative paths."""
        return HERE.parent if command[0] == sys.executable else self.work


def again(process: subprocess.Popen[str]) -> Time:
    """Let a warm process map the file once more."""
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return Time(*map(float, process.stdout.readline().split()))


def compare_mapping(reuses: int, rounds: int, work: Path, python: Path | None) -> None:
    """Print the ratios of times, medians of some rounds; and how the triples compare."""
    python = python or morph_kgc(work)
    if python is None:
        print(f"Mapping is left out, as {MORPH_KGC} cannot be installed: see --morph-kgc\n")
        return
    write_crosswalks(work)
    for masked, shape in ((False, "as udata lists them"), (True, "under the mask that the list declares")):
        write_reuses(work / "reuses.json", reuses, masked=masked)
        size = (work / "reuses.json").stat().st_size / 2**20
        print(f"Mapping {reuses:,} reuses {shape} ({size:.0f} MiB), JSON to N-Triples, against {MORPH_KGC}")
        _compare(Bench(work, python), rounds)


def _compare(bench: Bench, rounds: int) -> None:
    configs = {"core": bench.theirs("core", _CORE), "whole": bench.theirs("whole", _CORE, _REST)}
    script = str(HERE / "morph_kgc_script.py")
    with ExitStack() as stack:
        ours = stack.enter_context(bench.warm([*bench.ours, "warm"]))
        theirs = {
            name: stack.enter_context(bench.warm([str(bench.python), script, str(config)]))
            for name, config in configs.items()
        }
        warm = [(again(ours), {name: again(one) for name, one in theirs.items()}) for _ in range(rounds)]
    for name in theirs:
        _tell(f"in a warm process, {name}", [(own, others[name]) for own, others in warm])
    parallel = bench.theirs("parallel", _CORE, _REST, processes=None)
    commands = {
        name: [str(bench.python), "-m", "morph_kgc", str(config)]
        for name, config in (("whole", configs["whole"]), ("whole, all processors", parallel))
    }
    fresh = [
        (bench.once(bench.ours), {name: bench.once(command) for name, command in commands.items()})
        for _ in range(rounds)
    ]
    for name in commands:
        _tell(f"as a process of its own, {name}", [(own, others[name]) for own, others in fresh])
    for name, config in configs.items():
        print(f"  {name}: {compare_triples(bench.made, config.with_suffix('.nt'))}")
    print()


def _tell(name: str, turns: list[tuple[Time, Time]]) -> None:
    wall = median(theirs.wall / ours.wall for ours, theirs in turns)
    ratios = sorted(theirs.cpu / ours.cpu for ours, theirs in turns)
    times = [median(turn[at].cpu for turn in turns) for at in (0, 1)]
    print(
        f"  {name:<44} {times[0]:6.2f} : {times[1]:6.2f} s cpu   ours is {median(ratios):4.1f} times as fast"
        f"  ({', '.join(f'{ratio:.1f}' for ratio in ratios)}; by the clock {wall:.1f})"
    )


def compare_triples(ours: Path, theirs: Path) -> str:
    """Say how two files differ in what both speak of, by rdflib."""
    own, other = _triples(ours), _triples(theirs)
    shared = {predicate for _, predicate, _ in own} & {predicate for _, predicate, _ in other}
    alike = {triple for triple in own if triple[1] in shared}
    if other == own:
        return f"{len(other):,} triples of theirs, the same as ours"
    verdict = "all among ours" if other < own else f"{len(other - own):,} NOT among ours"
    return (
        f"{len(other):,} triples of theirs, {verdict}; ours are {len(own):,}, of which they lack"
        f" {len(alike - other):,} with predicates that they have"
    )


def _triples(path: Path) -> set[tuple[object, ...]]:
    """Read a file with rdflib; a blank node is called by what points at it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".nq":  # without the graphs: rdflib reads plain triples three times as fast
        text = "".join(f"{line.rpartition(' <')[0]} .\n" for line in text.splitlines())
    graph = Graph().parse(data=text, format="nt")
    above = {o: URIRef(f"{s}#{p}") for s, p, o in graph if isinstance(o, BNode)}
    return {(above.get(s, s), p, above.get(o, o)) for s, p, o in graph}


def write_reuses(path: Path, number: int, *, masked: bool) -> None:
    """Write a page of reuses like the recorded ones, with ids, addresses and texts of their own.

    Unless asked for less, udata 17 lists them with whole dataset documents: so were four recorded. `masked`:
    all in the shape that its list declares, with texts only in what hangs from them (morph-kgc passes over an
    object of which any key is null or an empty list).
    """
    recorded = json.loads(_RECORDED.read_text(encoding="utf-8"))["data"]
    if masked:
        recorded = [{key: _masked(value) for key, value in reuse.items()} for reuse in recorded]
    else:
        recorded = [reuse for reuse in recorded if any("resources" in item for item in reuse["datasets"])]
    reuses = [_like(recorded[at % len(recorded)], at, number) for at in range(number)]
    path.write_text(json.dumps({"data": reuses, "total": number}, ensure_ascii=False), encoding="utf-8")


def _like(reuse: dict[str, Any], at: int, number: int) -> dict[str, Any]:
    copy = {**reuse, "id": f"{at:024x}"}
    for key in ("title", "description", "page", "url", "image"):
        copy[key] = reuse[key] and f"{reuse[key]}-{at}"
    for kind, key in enumerate(("datasets", "dataservices")):
        numbers = ((7 * at + place) % number for place in range(len(reuse[key])))
        copy[key] = [{**item, "id": f"{kind}{n:023x}"} for item, n in zip(reuse[key], numbers, strict=True)]
    return copy


def _masked(value: Any) -> Any:
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if key in _MASK and inner not in (None, [])}
    return value


def write_crosswalks(folder: Path) -> None:
    """Write what mappings/*.ttl say of types and topics as tables: types.csv and themes.csv."""
    mappings = data_dir("mappings")
    types = Graph().parse(mappings / "reuse-types.ttl", publicID=_API)
    topics = Graph().parse(mappings / "reuse-topics.ttl", publicID=_API)
    matches = [topics.subject_objects(match) for match in (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch)]
    _table(folder / "types.csv", "class", types, types.subject_objects(_HV["class"]))
    _table(folder / "themes.csv", "theme", topics, (pair for several in matches for pair in several))


def _table(path: Path, name: str, graph: Graph, pairs: Iterator[tuple[object, object]]) -> None:
    rows = [(graph.value(concept, SKOS.notation), value) for concept, value in pairs]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("code", name), *(row for row in rows if row[0])])


def morph_kgc(work: Path) -> Path | None:
    """Make an environment that has morph-kgc; return its Python, None where it cannot be installed."""
    folder = work / "morph-kgc"
    python = folder / "bin" / "python"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", MORPH_KGC]
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    done = subprocess.run([str(python), *install], check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-1000:], file=sys.stderr)
        return None
    return python
