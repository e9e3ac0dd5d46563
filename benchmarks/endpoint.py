"""`harvester serve` beside `oxigraph serve-read-only`, over the same store, in turns."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from benchmarks.load import latency, rows, serving, throughput, wait_for_dumps
from harvester.store.generations import Catalogue

_OURS, _THEIRS = 7461, 7462
_UNION = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
_SMALL = (
    "SELECT ?dataset { ?dataset a dcat:Dataset } LIMIT 10",
    "SELECT ?title { ?dataset a dcat:Dataset ; dct:title ?title } LIMIT 5",
    "ASK { ?dataset dcat:theme ?theme }",
)
_HEAVY = (
    "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p",
    (
        "SELECT ?publisher (COUNT(DISTINCT ?d) AS ?n) { ?d a dcat:Dataset ; dct:publisher ?publisher } "
        "GROUP BY ?publisher ORDER BY DESC(?n)"
    ),
    "SELECT ?format (COUNT(*) AS ?n) { ?d dcat:distribution ?f . ?f dct:format ?format } GROUP BY ?format",
)


def compare_serving(work: Path, rounds: int, seconds: int = 4) -> None:
    """Print the ratios of throughput and latency, the median of some rounds."""
    generation = Catalogue(work / "catalogue").require()
    ours, theirs = (f"http://127.0.0.1:{port}" for port in (_OURS, _THEIRS))
    harvester = [
        sys.executable, "-m", "harvester", "serve", "--store", str(work / "catalogue"), "--port", str(_OURS),
        "--access-log", "off", "--per-client", "1000",
    ]  # fmt: skip
    oxigraph = [
        str(Path(sys.executable).parent / "oxigraph"), "serve-read-only", "--location",
        str(generation.store_path), "--bind", f"127.0.0.1:{_THEIRS}", "--union-default-graph",
    ]  # fmt: skip
    with ExitStack() as stack:
        stack.enter_context(serving(oxigraph, theirs, work / "oxigraph.log"))
        stack.enter_context(serving(harvester, ours + "/health", work / "serve.log"))
        wait_for_dumps(ours)
        endpoints = [ours + "/sparql", theirs + "/query"]
        print("harvester serve, against oxigraph serve-read-only of the same store")
        described = [_UNION + query for query in (*_SMALL, *_lookups(endpoints[1]))]
        for name, fresh in (("small queries, each a new one", True), ("small queries, repeated", False)):
            pairs = [
                [throughput(endpoint, described, work, seconds, fresh=fresh) for endpoint in endpoints]
                for _ in range(rounds)
            ]
            _tell(name, "requests/s", pairs)
        for query in _HEAVY:
            pairs = [
                [latency(endpoint, f"{_UNION}{query} # {time.monotonic_ns()}") for endpoint in endpoints]
                for _ in range(max(rounds, 5))
            ]
            _tell(f"first time: {query[:40]}…", "s", pairs)
        heavy = [_UNION + query for query in _HEAVY]
        repeated = [throughput(endpoint, heavy, work, seconds * 2, fresh=False) for endpoint in endpoints]
        _tell("the same, repeated", "requests/s", [repeated])


def _lookups(endpoint: str) -> list[str]:
    """Return a query about each of some datasets."""
    found = rows(endpoint, _UNION + "SELECT ?d { ?d a dcat:Dataset } LIMIT 50")
    return [f"SELECT ?p ?o {{ <{row['d']}> ?p ?o }}" for row in found]


def _tell(name: str, unit: str, pairs: list[list[float]]) -> None:
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    ours, theirs = (median(pair[at] for pair in pairs) for at in (0, 1))
    figures = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"  {name:<48} {ours:10,.3f} : {theirs:10,.3f} {unit:<10} ratio {median(ratios):.2f}  ({figures})")
