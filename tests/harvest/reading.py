"""A reader in another process: `python -m tests.harvest.reading FOLDER` reads until its standard input ends.

Each time it opens the catalogue anew and asks for the versions of the edited datasets, which must be one.
Prints "ready" after the first reading, and in the end the versions in the order in which it saw them.
"""

import json
import re
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from harvester.store.generations import Catalogue
from tests.harvest.support import select

TITLES = """
SELECT ?title {
  ?dataset a <http://www.w3.org/ns/dcat#Dataset> ; <http://purl.org/dc/terms/title> ?title
  FILTER(CONTAINS(?title, ", version "))
} """


def version(titles: Iterable[str]) -> int:
    """Return the one version that titles tell of; fail if there are several, which no portal ever had."""
    (number,) = {int(re.findall(r", version (\d+)\)", title)[0]) for title in titles}
    return number


def main(folder: Path) -> None:
    end = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
    seen: list[int] = []
    while not end.is_set():
        with Catalogue(folder).require().open() as store:
            now = version(row[0] for row in select(store, TITLES))
        if not seen:
            print("ready", flush=True)
        if seen[-1:] != [now]:
            seen.append(now)
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
