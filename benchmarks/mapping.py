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
    """Print the ratios of times, medians of some rounds; and that the triples are the same."""
    bench = Bench(work, python or morph_kgc(work))
    write_reuses(bench.work / "reuses.json", reuses)
    write_crosswalks(bench.work)
    configs = {
        "core": bench.theirs("core", _CORE),
        "whole": bench.theirs("whole", _CORE, _REST),
        "whole, all processors": bench.theirs("parallel", _CORE, _REST, processes=None),
    }
    print(f"Mapping {reuses:,} reuses, from JSON to N-Triples, against {MORPH_KGC}")
    script = str(HERE / "morph_kgc_script.py")
    with ExitStack() as stack:
        ours = stack.enter_context(bench.warm([*bench.ours, "warm"]))
        theirs = {
            name: stack.enter_context(bench.warm([str(bench.python), script, str(config)]))
            for name, config in configs.items()
            if name != "whole, all processors"
        }
        turns = [(again(ours), {name: again(one) for name, one in theirs.items()}) for _ in range(rounds)]
    for name in theirs:
        _tell(f"in a warm process, {name}", [(own, other[name]) for own, other in turns])
    commands = {name: [str(bench.python), "-m", "morph_kgc", str(path)] for name, path in configs.items()}
    whole = [
        (bench.once(bench.ours), {name: bench.once(command) for name, command in commands.items()})
        for _ in range(rounds)
    ]
    for name in commands:
        _tell(f"as a whole process, {name}", [(own, other[name]) for own, other in whole])
    for name in ("core", "whole"):
        print(f"  {name}: {compare_triples(bench.made, configs[name].with_suffix('.nt'))}")
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
    verdict = "a subset of ours" if other <= own else f"DIFFER, {len(other - own):,} are not among ours"
    return (
        f"{len(other):,} triples of theirs are {verdict}; ours are {len(own):,}: of those with predicates of"
        f" theirs they lack {len(alike - other):,}"
    )


def _triples(path: Path) -> set[tuple[object, ...]]:
    """Read a file with rdflib; a blank node is called by what points at it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".nq":  # without the graphs: rdflib reads plain triples three times as fast
        text = "".join(f"{line.rpartition(' <')[0]} .\n" for line in text.splitlines())
    graph = Graph().parse(data=text, format="nt")
    above = {o: URIRef(f"{s}#{p}") for s, p, o in graph if isinstance(o, BNode)}
    return {(above.get(s, s), p, above.get(o, o)) for s, p, o in graph}


def write_reuses(path: Path, number: int) -> None:
    """Write a page of reuses like the recorded ones, with ids, addresses and texts of their own.

    What hangs from a reuse holds texts only, as with the portal's mask: morph-kgc passes over a whole object
    in which any key is null or an empty list, and multiplies it by the lists in it.
    """
    recorded = json.loads(_RECORDED.read_text(encoding="utf-8"))["data"]
    reuses = [_like(recorded[at % len(recorded)], at, number) for at in range(number)]
    path.write_text(json.dumps({"data": reuses, "total": number}, ensure_ascii=False), encoding="utf-8")


def _like(reuse: dict[str, Any], at: int, number: int) -> dict[str, Any]:
    copy = {**reuse, "id": f"{at:024x}"}
    for key in ("title", "description", "page", "url", "image"):
        copy[key] = reuse[key] and f"{reuse[key]}-{at}"
    copy["organization"] = reuse["organization"] and _texts(reuse["organization"])
    for kind, key in enumerate(("datasets", "dataservices")):
        numbers = ((7 * at + place) % number for place in range(len(reuse[key])))
        copy[key] = [
            {**_texts(item), "id": f"{kind}{n:023x}"} for item, n in zip(reuse[key], numbers, strict=True)
        ]
    return copy


def _texts(item: dict[str, Any]) -> dict[str, str]:
    return {key: item[key] for key in ("id", "title", "name", "uri", "page") if item.get(key)}


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


def morph_kgc(work: Path) -> Path:
    """Make an environment that has morph-kgc; return its Python."""
    folder = work / "morph-kgc"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    done = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", MORPH_KGC],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        print(done.stderr[-1000:], file=sys.stderr)
        raise SystemExit(f"{MORPH_KGC} could not be installed: name a Python that has it by --morph-kgc")
    return python
