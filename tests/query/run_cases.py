"""What the queries about runs and changes find in catalogue.trig."""

RUN = "urn:x-harvester:run:"
RECORD = "urn:x-harvester:record:"
D0, D1, D2 = (f"http://a.example/datasets/d{number}" for number in range(3))
E1, R2 = "http://b.example/datasets/e1", "http://a.example/reuses/r2"
A, B = "a.example", "b.example"
VELOS, BUS, FORETS, GONE = "Vélos en libre-service", "Arrêts de bus", "Forêts", "Ancien jeu"

_A1 = (
    "2026-01-30T02:00:00Z",
    "2026-01-30T02:04:00Z",
    A,
    "",
    "",
    "",
    "12",
    "12",
    "0",
    "0",
    "0",
    "1",
    "9",
    "1",
)
_A2 = (
    "2026-01-31T02:00:00Z",
    "2026-01-31T02:05:00Z",
    A,
    "",
    "",
    "",
    "12",
    "1",
    "1",
    "10",
    "1",
    "0",
    "8",
    "7",
)
_B1 = ("2026-01-31T03:00:00Z", "2026-01-31T03:01:00Z", B, "full", "published", "")
_B9 = ("2026-01-31T03:30:00Z", "2026-01-31T03:31:00Z", B, "delta", "failed", "no answer")
RUNS = [
    (*_B9, *([""] * 6), "5", "0", f"{RUN}B9"),
    (*_B1, "5", "5", "0", "0", "0", "0", "4", "0", f"{RUN}B1"),
    (*_A2, f"{RUN}A2"),
    (*_A1, f"{RUN}A1"),
]
"""A2 says that it met seven problems, of which two are listed; of A1's, only the list tells."""
ADDED = ("added", "reuse", "Carte", R2, f"{RECORD}{A}:{R2}")
CHANGED = ("changed", "dataset", VELOS, D1, f"{RECORD}{A}:{D1}")
REMOVED = ("removed", "dataset", GONE, D0, f"{RECORD}{A}:{D0}")
NEWS = [
    ("2026-01-31T03:00:00Z", "added", "dataset", FORETS, E1, B, "", f"{RECORD}{B}:{E1}", f"{RUN}B1"),
    (
        "2026-01-31T02:05:00Z",
        *REMOVED[:4],
        A,
        "2025-12-01T02:00:00Z",
        f"{RECORD}{A}:{D0}",
        f"{RUN}A2",
    ),
    ("2026-01-31T02:00:00Z", *ADDED[:4], A, "", f"{RECORD}{A}:{R2}", f"{RUN}A2"),
    ("2026-01-31T02:00:00Z", *CHANGED[:4], A, "", f"{RECORD}{A}:{D1}", f"{RUN}A2"),
    ("2026-01-30T02:00:00Z", "added", "dataset", BUS, D2, A, "", f"{RECORD}{A}:{D2}", f"{RUN}A1"),
]
CONFLICT = ("conflict", "two ids", "one IRI", "none", "")
DANGLING = ("dangling link", "a link of r3", "no such dataset", "tell its author", D0)

RUN_CASES: tuple[tuple[str, dict[str, str], list[tuple[str, ...]]], ...] = (
    ("runs", {}, RUNS),
    ("runs", {"portal": A}, RUNS[2:]),
    ("runs", {"limit": "2", "from": "1"}, RUNS[1:3]),
    (
        "run-facts",
        {"run": f"{RUN}A2"},
        [(*_A2[:3], "http://a.example/api/1/site/catalog", "", "", "", "", *_A2[6:12], "3", "1", "8", "7")],
    ),
    (
        "run-facts",
        {"run": f"{RUN}B9"},
        [(*_B9[:3], "http://b.example/", "delta", "failed", "no answer", *([""] * 9), "5", "")],
    ),
    ("run-facts", {"run": f"{RUN}C1"}, []),
    ("run-kinds", {"run": f"{RUN}A2"}, [("dataset", "4", "0", "1", "3", "1")]),
    ("run-kinds", {"run": f"{RUN}A1"}, []),
    ("run-changes", {"run": f"{RUN}A2"}, [ADDED, CHANGED, REMOVED]),
    ("run-changes", {"run": f"{RUN}A2", "kind": "dataset"}, [CHANGED, REMOVED]),
    ("run-changes", {"run": f"{RUN}A2", "change": "removed"}, [REMOVED]),
    ("run-changes", {"run": f"{RUN}A2", "from": "3"}, []),
    ("run-changes", {"run": f"{RUN}B9"}, []),
    ("run-problems", {"run": f"{RUN}A2"}, [CONFLICT, DANGLING]),
    ("run-problems", {"run": f"{RUN}A2", "category": "conflict"}, [CONFLICT]),
    ("run-problems", {"run": f"{RUN}B1"}, []),
    (
        "harvested-portals",
        {},
        [(A, "2", "2026-01-31T02:00:00Z"), (B, "2", "2026-01-31T03:30:00Z")],
    ),
    ("recent-changes", {}, NEWS),
    ("recent-changes", {"kind": "reuse"}, [NEWS[2]]),
    ("recent-changes", {"kind": "dataset"}, [each for each in NEWS if each[2] == "dataset"]),
    ("recent-changes", {"portal": B}, NEWS[:1]),
    ("recent-changes", {"portal": "c.example"}, []),
)
