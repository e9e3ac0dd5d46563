"""Full-text search over many datasets, against what one would take instead: SQLite's FTS5, and SPARQL."""

import asyncio
import random
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles

from pyoxigraph import RdfFormat, Store

from harvester.config import MEBIBYTE, data_dir
from harvester.search.document import document
from harvester.search.entry import Entry, Publisher
from harvester.search.layout import create, write_note
from harvester.search.terms import DATASET
from harvester.store.generation import SEARCH, STORE
from harvester.store.manifest import Manifest
from harvester.vocab import DCAT, DCT, FOAF, RDF, SKOS
from harvester.workers.job import Job
from harvester.workers.limits import Limits
from harvester.workers.pool import Pool
from harvester.workers.task import Task
from tests.simulator import words

_PUBLISHERS, _FORMATS, _LICENCES, _THEMES = 5_000, 40, 12, 13
_EU = "http://publications.europa.eu/resource/authority/"
_SEEN = ("données", "qualité eau", "budget", "écoles", "habitant réseau commune", "zzyzx", "qualtié", "")
"""Queries: from a word that nearly all records have to one that none has."""


def entries(number: int) -> Iterator[Entry]:
    """Make up datasets: texts as long as real ones, values as unevenly spread."""
    draw = random.Random(1)
    common = words.WORDS.split()
    rare = ["".join(draw.choices("abcdefghilmnoprstu", k=7)) for _ in range(60_000)]

    def text(length: int) -> str:
        return " ".join(draw.choice(common if draw.random() < 0.6 else rare) for _ in range(length))

    def one(most: int) -> int:
        return min(int(draw.paretovariate(0.7)) - 1, most - 1)

    for n in range(number):
        owner = one(_PUBLISHERS)
        publisher = Publisher(f"http://a.example/organizations/{owner}", True, (f"Ville {rare[owner]}",))
        values = {
            "theme": tuple(sorted({f"{_EU}data-theme/{one(_THEMES)}" for _ in range(draw.randint(0, 3))})),
            "publisher": (publisher.iri,),
            "format": tuple(sorted({f"{_EU}file-type/{one(_FORMATS)}" for _ in range(draw.randint(1, 4))})),
            "licence": (f"{_EU}licence/{one(_LICENCES)}",),
            "frequency": (f"{_EU}frequency/{one(_LICENCES)}",),
        }
        yield Entry(
            iri=f"http://a.example/datasets/{n}",
            kind=DATASET,
            titles=((f"{text(6)} {n}", ""),),
            descriptions=((text(draw.randint(20, 200)), ""),),
            keywords=tuple(text(1) for _ in range(draw.randint(0, 8))),
            files=tuple(text(4) for _ in range(draw.randint(1, 5))),
            ids=(f"{n:024x}",),
            publishers=(publisher,),
            values=values,
            modified=f"20{draw.randint(15, 26)}-{draw.randint(1, 12):02}-01T08:00:00Z",
            reuses=one(2_000) if draw.random() < 0.1 else 0,
            high_value=draw.random() < 0.02,
            score=draw.randint(50, 350),
        )


def compare_search(datasets: int, rounds: int, work: Path) -> None:
    folder = work / "generation"
    folder.mkdir()
    made = list(entries(datasets))
    started = time.process_time()
    _index(folder / SEARCH, made)
    size = sum(path.stat().st_size for path in (folder / SEARCH).iterdir()) / MEBIBYTE
    print(f"Search over {datasets:,} made-up datasets, with all facets and 20 hits")
    print(f"  index of documents    {time.process_time() - started:.1f} s of processor, {size:.0f} MiB")
    _store(folder / STORE, made)
    Manifest(id="g", created=datetime.now(UTC), run="run", quads=0).write(folder)
    ours = asyncio.run(_ask(folder, rounds, [_search(text) for text in _SEEN]))
    told = [each for times in ours for each in times]
    print(f"  in a worker  median {median(told):.1f} ms, 99 % below {quantiles(told, n=100)[98]:.1f} ms")
    theirs = _sqlite(work / "fts.sqlite", made, rounds)
    for name, times, other in zip(_SEEN, ours, theirs, strict=True):
        mine, its = median(times), median(other)
        print(
            f"    {name or '(all)':<26}{mine:6.1f} ms   SQLite FTS5 {its:8.1f} ms   {its / mine:5.1f} times"
        )
    sparql = asyncio.run(_ask(folder, 1, [_regex(text) for text in _SEEN[:2]]))
    slow = [each for times in sparql for each in times]
    print(f"  search-titles (SPARQL, titles only, no facets)  median {median(slow):,.0f} ms\n")


def _index(folder: Path, made: list[Entry]) -> None:
    index = create(folder)
    writer = index.writer(40 * MEBIBYTE, 1)
    for entry in made:
        writer.add_document(document(entry))
    writer.commit()
    writer.wait_merging_threads()
    write_note(folder, "run")


def _store(folder: Path, made: list[Entry]) -> None:
    """Write what the SPARQL query and labels need."""
    lines = []
    for entry in made:
        lines.append(f"<{entry.iri}> <{RDF}type> <{DCAT}Dataset> .")
        lines.append(f'<{entry.iri}> <{DCT}title> "{entry.titles[0][0]}" .')
        lines.append(f'<{entry.publishers[0].iri}> <{FOAF}name> "{entry.publishers[0].names[0]}" .')
    codes = {value for entry in made for values in entry.values.values() for value in values}
    lines += [f'<{code}> <{SKOS}prefLabel> "{code[-20:]}"@fr .' for code in sorted(codes) if _EU in code]
    Store(folder).bulk_load("\n".join(lines).encode(), RdfFormat.N_TRIPLES)


def _search(text: str) -> Task:
    return Task("search", (text, "dataset", (), "relevance", 1, 20, "fr"))


def _regex(text: str) -> Task:
    query = (data_dir("queries") / "search-titles.rq").read_text(encoding="utf-8")
    return Task("sparql", (query.replace("?_text_literal", f'"{text}"'), None, None, "json", None, None))


async def _ask(folder: Path, rounds: int, tasks: list[Task]) -> list[list[float]]:
    """Return milliseconds of each task in a warm worker, round after round."""
    pool = Pool(
        folder, Limits(workers=1, slow_workers=1, quick_s=600, time_s=600), "harvester.serve.tasks.table"
    )
    await pool.start()
    times: list[list[float]] = [[] for _ in tasks]
    try:
        for turn in range(rounds + 1):
            for number, task in enumerate(tasks):
                started = time.perf_counter()
                job = Job(task, "me")
                begun = await pool.begin(job, 64 * MEBIBYTE)
                if not begun.whole:
                    async for _ in pool.rest(job):
                        pass
                if turn:
                    times[number].append((time.perf_counter() - started) * 1_000)
    finally:
        await pool.close()
    return times


def _sqlite(path: Path, made: list[Entry], rounds: int) -> list[list[float]]:
    """Do as much with SQLite: total, the best 20, and counts of each facet."""
    db = sqlite3.connect(path)
    db.execute(
        "CREATE VIRTUAL TABLE texts USING fts5(title, keywords, names, text,"
        " tokenize = \"unicode61 remove_diacritics 2\", prefix = '4')"
    )
    db.execute("CREATE TABLE facets (dataset INT, name TEXT, value TEXT)")
    for number, entry in enumerate(made):
        text = " ".join([entry.descriptions[0][0], *entry.files])
        names = entry.publishers[0].names[0]
        row = (number, entry.titles[0][0], " ".join(entry.keywords), names, text)
        db.execute("INSERT INTO texts (rowid, title, keywords, names, text) VALUES (?, ?, ?, ?, ?)", row)
        pairs = [(number, name, value) for name, values in entry.values.items() for value in values]
        pairs += [(number, "reused", entry.reuses > 0), (number, "high-value", entry.high_value)]
        db.executemany("INSERT INTO facets VALUES (?, ?, ?)", pairs)
    db.execute("CREATE INDEX of ON facets (dataset, name, value)")
    db.commit()
    times: list[list[float]] = []
    for text in _SEEN:
        times.append([])
        for _ in range(rounds):
            started = time.perf_counter()
            if text:
                db.execute(
                    "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts, 8, 5, 4, 2) LIMIT 20",
                    (text,),
                ).fetchall()
                where = "WHERE dataset IN (SELECT rowid FROM texts WHERE texts MATCH ?)"
                db.execute(
                    f"SELECT name, value, COUNT(*) FROM facets {where} GROUP BY 1, 2", (text,)
                ).fetchall()
            else:
                db.execute("SELECT rowid FROM texts LIMIT 20").fetchall()
                db.execute("SELECT name, value, COUNT(*) FROM facets GROUP BY 1, 2").fetchall()
            times[-1].append((time.perf_counter() - started) * 1_000)
    return times
