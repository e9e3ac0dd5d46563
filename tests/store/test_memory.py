"""What is remembered of a portal is a cache: damage and loss cost requests, never the truth."""

import sqlite3
from datetime import UTC, datetime

import pytest

from harvester.model import Document, HydraView, Kind, Page, Record
from harvester.store.ledger import Known, Ledger
from harvester.store.memory import LastFull, Memory
from harvester.store.pages import PageNote, Pages
from harvester.store.roll import Stamp

LAST = LastFull(datetime(2026, 11, 21, 2, 0, tzinfo=UTC), "run-1")
STAMP = Stamp(Kind.DATASET, "a", "mon", "urn:g:one", "d1")
NOTE = PageNote("http://h/catalog.ttl?page=1", '"v1"', "", "{}")


def written(folder, portal="data.example") -> Memory:
    memory = Memory(folder, portal)
    memory.write([STAMP], [NOTE], last_full=LAST, settings="s1")
    return memory


def test_what_was_written_is_read_back(tmp_path):
    """Also by another process, later; each portal has a memory of its own, whatever its name."""
    written(tmp_path, "data.example/../x?q=é")
    again = Memory(tmp_path, "data.example/../x?q=é")

    assert (list(again.stamps()), list(again.pages())) == ([STAMP], [NOTE])
    assert (again.last_full(), again.settings()) == (LAST, "s1")
    assert list(Memory(tmp_path, "other.example").stamps()) == []
    assert [path.parent.name for path in tmp_path.rglob("*.sqlite")] == ["memory"]


def test_writing_replaces_all(tmp_path):
    """Nothing of an earlier night stays behind."""
    memory = written(tmp_path)
    memory.write([], [], last_full=None, settings="s2")

    assert (list(memory.stamps()), list(memory.pages()), memory.last_full()) == ([], [], None)


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all", None], ids=["empty", "rubbish", "of another format"]
)
def test_a_damaged_memory_is_forgotten(damage, tmp_path):
    """The next run reads it as empty, and can write it again."""
    written(tmp_path)
    (path,) = tmp_path.rglob("*.sqlite")
    if damage is None:
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        db.close()
    else:
        path.write_bytes(damage)

    memory = Memory(tmp_path, "data.example")
    assert (list(memory.stamps()), memory.last_full()) == ([], None)
    assert list(written(tmp_path).stamps()) == [STAMP]


def test_a_disk_that_refuses_costs_the_memory_only(tmp_path, caplog):
    """No error: a warning that says what it means."""
    (tmp_path / "memory").write_text("a file where a folder is needed")
    memory = written(tmp_path)

    assert list(memory.stamps()) == []
    assert "reads everything again" in caplog.text


PAGE = Page(
    records=(
        Record(Kind.DATASET, "http://d/1", "urn:g:1", b"", 0, 0, "d1", "http://p", ("a",), listed=True),
        Record(Kind.AGENT, "http://o/1", "urn:g:o", b"", 0, 0, "d2", "http://p"),
    ),
    view=HydraView(next="http://h/?page=2", total=2),
    members=1,
)
ANSWER = Document("http://h/", "http://h/", 200, "text/turtle", b"x", etag='W/"7"', last_modified="")


@pytest.mark.parametrize(("digest", "asked"), [("d1", ('W/"7"', "")), ("other", ("", ""))])
def test_a_page_is_asked_for_conditionally_while_the_generation_holds_what_it_said(digest, asked, tmp_path):
    """After a rollback, say, a 304 would leave the store as it should not be."""
    first = Ledger(tmp_path / "first.sqlite")
    pages = Pages(first)
    pages.note("http://h/", ANSWER, PAGE)
    notes = list(pages)
    first.close()
    second = Ledger(tmp_path / "second.sqlite")
    second.remember(
        [
            Known("urn:g:1", Kind.DATASET, "http://d/1", digest, ("a",)),
            Known("urn:g:o", Kind.AGENT, "http://o/1", "d2"),
        ]
    )

    assert Pages(second, notes).validators("http://h/") == asked
    second.close()


def test_an_unchanged_page_keeps_all_that_it_described(tmp_path):
    """Members, links and records are those of the page as it was; what it lists is told."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.remember(
        [Known(r.graph, r.kind, r.resource, r.digest, r.ids) for r in PAGE.records]
        + [Known("urn:g:gone", Kind.AGENT, "http://o/2", "d3")]
    )
    pages = Pages(ledger)
    pages.note("http://h/", ANSWER, PAGE)
    again = Pages.__new__(Pages)
    notes = list(pages)
    ledger.db.execute("DROP TABLE old_pages")
    ledger.db.execute("DROP TABLE new_pages")
    again.__init__(ledger, notes)
    page, listed = again.recall("http://h/")

    assert (page.view, page.members, page.records) == (PAGE.view, 1, ())
    assert listed == ["urn:g:1"]
    assert [k.graph for k in ledger.absent([Kind.DATASET, Kind.AGENT])] == ["urn:g:gone"]
    assert list(again) == notes
    ledger.close()


def test_pages_without_validators_are_not_noted(tmp_path):
    """udata sends none."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    pages = Pages(ledger)
    pages.note("http://h/", Document("http://h/", "http://h/", 200, "text/turtle", b"x"), PAGE)

    assert list(pages) == []
    ledger.close()
