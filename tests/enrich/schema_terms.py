"""What schema.org 29 publishes of the terms that the view uses: https://schema.org/version/latest .

Classes with their superclass; properties with the classes that have them, and those that their values may be.
"""

SUPERCLASS = {
    "ContactPoint": "Thing",
    "CreativeWork": "Thing",
    "DataCatalog": "CreativeWork",
    "DataDownload": "MediaObject",
    "Dataset": "CreativeWork",
    "GeoCoordinates": "Thing",
    "GeoShape": "Thing",
    "MediaObject": "CreativeWork",
    "NewsArticle": "CreativeWork",
    "Organization": "Thing",
    "Person": "Thing",
    "Place": "Thing",
    "Service": "Thing",
    "ServiceChannel": "Thing",
    "WebAPI": "Service",
}

PROPERTIES = """
about                 | CreativeWork                          | Thing
acquireLicensePage    | CreativeWork                          | CreativeWork URL
additionalType        | Thing                                 | Text URL
alternateName         | Thing                                 | Text
availableChannel      | Service                               | ServiceChannel
box                   | GeoShape                              | Text
category              | Service                               | Text Thing URL
conditionsOfAccess    | CreativeWork                          | Text
contentSize           | MediaObject                           | Text
contentUrl            | MediaObject                           | URL
contributor           | CreativeWork                          | Organization Person
copyrightHolder       | CreativeWork                          | Organization Person
creator               | CreativeWork                          | Organization Person
dateCreated           | CreativeWork                          | Date DateTime
dateModified          | CreativeWork                          | Date DateTime
datePublished         | CreativeWork                          | Date DateTime
description           | Thing                                 | Text
distribution          | Dataset                               | DataDownload
documentation         | WebAPI                                | CreativeWork URL
email                 | ContactPoint Organization Person      | Text
encodingFormat        | CreativeWork MediaObject              | Text URL
geo                   | Place                                 | GeoCoordinates GeoShape
hasPart               | CreativeWork                          | CreativeWork
identifier            | Thing                                 | Text URL
inLanguage            | CreativeWork                          | Text
includedInDataCatalog | Dataset                               | DataCatalog
isAccessibleForFree   | CreativeWork Place                    | Boolean
isBasedOn             | CreativeWork                          | CreativeWork URL
isPartOf              | CreativeWork                          | CreativeWork URL
keywords              | CreativeWork Organization Place       | Text URL
latitude              | GeoCoordinates Place                  | Number Text
license               | CreativeWork                          | CreativeWork URL
longitude             | GeoCoordinates Place                  | Number Text
maintainer            | CreativeWork                          | Organization Person
name                  | Thing                                 | Text
provider              | CreativeWork Service                  | Organization Person
publisher             | CreativeWork                          | Organization Person
sameAs                | Thing                                 | URL
serviceOutput         | Service                               | Thing
serviceUrl            | ServiceChannel                        | URL
sha256                | MediaObject                           | Text
spatialCoverage       | CreativeWork                          | Place
subjectOf             | Thing                                 | CreativeWork
telephone             | ContactPoint Organization Person Place | Text
temporalCoverage      | CreativeWork                          | DateTime Text URL
termsOfService        | Service                               | Text URL
url                   | Thing                                 | URL
usageInfo             | CreativeWork                          | CreativeWork URL
version               | CreativeWork                          | Number Text
"""

_ROWS = [[cell.split() for cell in line.split("|")] for line in PROPERTIES.strip().splitlines()]
DOMAINS = {name: set(domains) for (name,), domains, _ in _ROWS}
RANGES = {name: set(ranges) for (name,), _, ranges in _ROWS}


def kinds(*classes: str) -> set[str]:
    """Return classes with all that they are a kind of."""
    found, waiting = {"Thing"}, list(classes)
    while waiting:
        class_ = waiting.pop()
        found.add(class_)
        waiting += [SUPERCLASS[class_]] if class_ in SUPERCLASS else []
    return found
