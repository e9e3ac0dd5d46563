"""What the queries about the rest of a portal's API find in catalogue.trig, which has little of it."""

D1, S1 = "http://a.example/datasets/d1", "http://api.a.example/v1"

API_CASES: tuple[tuple[str, dict[str, str], list[tuple[str, ...]]], ...] = (
    ("licences-in-eu-codes", {}, [("(none of the list)", "3", "4", "")]),
    ("formats-without-code", {}, [("CSV", "1"), ("csv", "1"), ("shp", "1")]),
    ("services-behind-datasets", {}, [("API Vélos", "Vélos en libre-service", S1, "", D1)]),
    ("community-resources", {}, []),
    ("coverage-map", {}, []),
    ("discussed-datasets", {}, []),
    ("topics", {}, []),
)
