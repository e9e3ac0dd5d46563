"""What the queries about the newest things find in catalogue.trig."""

_TYPES = "/api/1/reuses/types/#"
A, B = "http://a.example", "http://b.example"

_NEWEST = (
    ("Forêts", "2026-01-01T08:00:00", "Office", "1", f"{B}/datasets/e1"),
    ("Arrêts de bus", "2021-01-01T08:00:00", "Ville", "1", f"{A}/datasets/d2"),
    ("Vélos en libre-service", "2020-01-01T08:00:00", "Ville", "3", f"{A}/datasets/d1"),
)
_LATEST = (
    ("Idée", "2026-02-01T08:00:00Z", "", "0", f"{B}{_TYPES}idea", f"{B}/reuses/r4"),
    ("Billet", "2025-12-24T08:00:00Z", "", "2", f"{B}{_TYPES}post", f"{B}/reuses/r5"),
    ("Carte", "2025-03-20T08:00:00Z", "", "2", f"{A}{_TYPES}visualization", f"{A}/reuses/r2"),
    ("Appli vélo", "2025-03-05T08:00:00Z", "Agence", "1", f"{A}{_TYPES}application", f"{A}/reuses/r1"),
    ("Étude", "2024-11-02T08:00:00Z", "", "0", f"{A}{_TYPES}paper", f"{A}/reuses/r3"),
)

NEWS_CASES = (
    ("newest-datasets", {}, list(_NEWEST)),
    ("newest-datasets", {"limit": "2"}, list(_NEWEST[:2])),
    ("latest-reuses", {}, list(_LATEST)),
    ("latest-reuses", {"limit": "1"}, list(_LATEST[:1])),
)
