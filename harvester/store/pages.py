"""Catalogue pages that come with validators: what they described, so that "304 Not Modified" says it all."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from harvester.model import Document, HydraView, Page
from harvester.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class PageNote:
    """A page, by its URL: its validators as sent, and what it said, as JSON."""

    url: str
    etag: str
    last_modified: str
    page: str


class Pages:
    """The page notes that go with a ledger, in the same file; `old` ones are those of earlier runs."""

    def __init__(self, ledger: Ledger, old: Iterable[PageNote] = ()) -> None:
        self._ledger = ledger
        self._db = ledger.db
        for table in ("old_pages", "new_pages"):
            self._db.execute(
                f"CREATE TABLE {table} (url TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, page TEXT)"
                " WITHOUT ROWID"
            )
        self._db.executemany(
            "INSERT OR REPLACE INTO old_pages VALUES (?, ?, ?, ?)",
            ((note.url, note.etag, note.last_modified, note.page) for note in old),
        )

    def validators(self, url: str) -> tuple[str, str]:
        """Return ETag and Last-Modified of a page, if the last generation still holds all that it said."""
        row = self._db.execute(
            "SELECT etag, last_modified, page FROM old_pages WHERE url = ?", (url,)
        ).fetchone()
        try:
            records = json.loads(row[2])["records"] if row else []
            held = all(self._holds(graph, digest) for graph, digest, _ in records)
        except (ValueError, TypeError, KeyError):  # damaged: the page is asked for as if it were new
            held = False
        return (row[0], row[1]) if row and held else ("", "")

    def _holds(self, graph: str, digest: str) -> bool:
        known = self._ledger.known(graph)
        return known is not None and known.digest == digest

    def recall(self, url: str) -> tuple[Page, list[str]]:
        """Keep all that an unchanged page described; return it without records, and the graphs it lists."""
        (text,) = self._db.execute("SELECT page FROM old_pages WHERE url = ?", (url,)).fetchone()
        self._db.execute("INSERT OR REPLACE INTO new_pages SELECT * FROM old_pages WHERE url = ?", (url,))
        said = json.loads(text)
        for graph, _, listed in said["records"]:
            known = self._ledger.known(graph)
            if known:
                self._ledger.keep(known, sure=True, listed=listed)
        page = Page(records=(), view=HydraView(**said["view"]), members=said["members"])
        return page, [graph for graph, _, listed in said["records"] if listed]

    def note(self, url: str, document: Document, page: Page) -> None:
        """Note what a page said, if it came with validators."""
        if not (document.etag or document.last_modified):
            return
        records = [(record.graph, record.digest, record.listed) for record in page.records]
        said = {"view": asdict(page.view), "members": page.members, "records": records}
        row = (url, document.etag, document.last_modified, json.dumps(said))
        self._db.execute("INSERT OR REPLACE INTO new_pages VALUES (?, ?, ?, ?)", row)

    def __iter__(self) -> Iterator[PageNote]:
        """Yield the notes of this run."""
        query = "SELECT url, etag, last_modified, page FROM new_pages"
        yield from (PageNote(*row) for row in self._db.execute(query))
