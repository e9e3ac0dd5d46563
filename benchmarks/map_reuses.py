"""Map a file of reuses, as a harvest does: page by page, from JSON text to N-Quads in a file.

python -m benchmarks.map_reuses reuses.json OUTPUT.nq         once
python -m benchmarks.map_reuses reuses.json OUTPUT.nq warm    once for each line of standard input
"""

import json
import sys
import time
from pathlib import Path

from harvester.config import data_dir
from harvester.enrich.mappings import Mappings
from harvester.enrich.portal import PortalFacts
from harvester.enrich.reuses import ReuseMapper

PORTAL = PortalFacts(
    "http://portal.test/api/1/", "http://portal.test", "portal.test", "http://portal.test/api/1/site/catalog"
)
_PAGE = 500
_PATHS = {"datasets": "datasets/", "dataservices": "dataservices/"}


def main() -> None:
    source, target = map(Path, sys.argv[1:3])
    mapper = ReuseMapper(Mappings.load(data_dir("mappings")), PORTAL)
    if sys.argv[3:] != ["warm"]:
        map_file(mapper, source, target)
        return
    print("ready", flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        map_file(mapper, source, target)
        print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)


def map_file(mapper: ReuseMapper, source: Path, target: Path) -> None:
    reuses = json.loads(source.read_bytes())["data"]
    with target.open("wb") as out:
        for start in range(0, len(reuses), _PAGE):
            page = reuses[start : start + _PAGE]
            known = {
                item["id"]: PORTAL.permalink(path, item["id"])
                for key, path in _PATHS.items()
                for reuse in page
                for item in reuse[key]
            }
            mapped = mapper.map(page, known)
            out.writelines(record.nquads for record in (*mapped.records, *mapped.agents))


if __name__ == "__main__":
    main()
