"""A reader in another process: `python -m tests.store.reading FOLDER` reads until its standard input ends.

Prints "ready" after the first reading, and in the end how many readings showed which state.
"""

import json
import sys
import threading
from collections import Counter
from pathlib import Path

from harvester.store.generations import Catalogue
from tests.store.catalogues import content, state


def main(folder: Path) -> None:
    end = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), end.set()), daemon=True).start()
    catalogue = Catalogue(folder)
    seen: Counter[int] = Counter()
    while not end.is_set():
        generation = catalogue.require()
        number = int(generation.manifest.run.removeprefix("run-"))
        assert content(generation) == state(number)
        if not seen:
            print("ready", flush=True)
        seen[number] += 1
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
