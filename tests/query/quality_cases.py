"""What the queries about quality must find in catalogue.trig, told by eye from the table in it."""

HV = "urn:x-harvester:vocabulary#"
BUS, D2, D3 = "Arrêts de bus", "http://a.example/datasets/d2", "urn:uuid:d3"
A, B = (f"http://{name}.example/api/1/site/catalog" for name in "ab")
O1, O2 = (f"http://a.example/organizations/o{number}" for number in (1, 2))
P1, C2 = "http://b.example/organizations/p1", "http://a.example/api/1/contacts/c2/"
KEYWORDS, SPATIAL, LICENCE = (f"{HV}indicator-{name}" for name in ("keywords", "spatial", "licence"))
NONE = ("0", "0", "0", "0")  # dimensions that were not measured there

OFFICE = ("Office", "1", "355", "300", "0", *NONE, P1)
TOWN = ("Ville", "2", "170", "142.5", "65", *NONE, O1)
AGENCY = ("Agence", "1", "60", "0", "0", *NONE, O2)
BUREAU = ("Bureau du budget", "1", "60", "0", "0", *NONE, C2)

QUALITY_CASES = (
    ("quality-by-publisher", {}, [OFFICE, TOWN, AGENCY, BUREAU]),
    ("quality-by-publisher", {"by": "worst"}, [AGENCY, BUREAU, TOWN, OFFICE]),
    (
        "quality-by-portal",
        {},
        [
            ("Portail B", "Excellent", "355", "300", "0", *NONE, B),
            ("Portail A", "Sufficient", "133.3", "115", "60", *NONE, A),
        ],
    ),
    (
        "quality-by-portal",
        {"lang": "fr"},
        [
            ("Portail B", "Excellent", "355", "300", "0", *NONE, B),
            ("Portail A", "Suffisant", "133.3", "115", "60", *NONE, A),
        ],
    ),
    (
        "quality-ratings",
        {},
        [
            ("Excellent", "351", "405", "1", "0"),
            ("Good", "221", "350", "1", "1"),
            ("Sufficient", "121", "220", "0", "1"),
            ("Bad", "0", "120", "2", "2"),
        ],
    ),
    (
        "quality-gaps",
        {},
        [
            ("Area", "Findability", "20", "3", "60", "Name the area.", SPATIAL),
            ("Keywords", "Findability", "30", "2", "60", "Add keywords.", KEYWORDS),
            ("Licence", "Reusability", "20", "1", "20", "Name the licence.", LICENCE),
        ],
    ),
    (
        "quality-gaps",
        {"publisher": O1, "lang": "fr"},
        [
            ("Territoire", "Trouvabilité", "20", "2", "40", "Indiquez le territoire.", SPATIAL),
            ("Mots-clés", "Trouvabilité", "30", "1", "30", "Ajoutez des mots-clés.", KEYWORDS),
        ],
    ),
    (
        "quality-gaps",
        {"publisher": O2},
        [
            ("Keywords", "Findability", "30", "1", "30", "Add keywords.", KEYWORDS),
            ("Area", "Findability", "20", "1", "20", "Name the area.", SPATIAL),
            ("Licence", "Reusability", "20", "1", "20", "Name the licence.", LICENCE),
        ],
    ),
    (
        "quality-gain",
        {},
        [
            ("Portail A", "Score", "405", "115", "133.3", "18.3", A),
            ("Portail A", "Findability", "100", "40", "60", "20", A),
            ("Portail B", "Score", "405", "300", "355", "55", B),
        ],
    ),
    (
        "quality-of-dataset",
        {"dataset": D3},
        [
            ("Keywords", "Findability", "30", "Add keywords.", KEYWORDS),
            ("Area", "Findability", "20", "Name the area.", SPATIAL),
            ("Licence", "Reusability", "20", "Name the licence.", LICENCE),
        ],
    ),
    ("worst-described-high-value-datasets", {}, [(BUS, "Ville", "110", "Bad", "2", D2)]),
)
