"""What tests of the spool share."""

from pathlib import Path

from harvester.model import Document
from harvester.portal.spool import Spool

URL = "http://portal.example/catalog.ttl?page=1"
PAGE = Document(
    URL, f"{URL}&moved=1", 200, "text/turtle", b"<urn:s> <urn:p> 'caf\xc3\xa9' .\n", 'W/"5f"', "Sat"
)
TURTLE = "text/turtle"


class Days:
    """A time of day that only the test moves."""

    def __init__(self) -> None:
        self.now = 1_795_300_000.25

    def __call__(self) -> float:
        return self.now


def run(folder: Path, clock: Days, **how: int) -> Spool:
    """Return the spool as a run sees it that starts now; an hour is the oldest."""
    return Spool(folder, 3600.0, clock, **how)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
