"""Numbers that a portal counts: they move as its visitors come, without any date to show it."""

from zlib import crc32

MONTHS = ("2026-08", "2026-09", "2026-10")


def turn(*parts: object) -> int:
    """Return a number below 2³² that depends on `parts` alone; cheaper than a seeded generator.

    >>> turn("dataset", 1) == turn("dataset", 1) != turn("dataset", 2)
    True
    """
    return crc32(":".join(map(str, parts)).encode())


def popularity(kind: str, number: int, visits: int = 0) -> dict[str, object]:
    """Return views and followers: most records have few, some a great many; each visit adds some views.

    >>> popularity("dataset", 7, visits=1)["views"] > popularity("dataset", 7)["views"]
    True
    """
    drawn = turn("popularity", kind, number)
    return {
        "followers": drawn % 7,
        "followers_by_months": by_months(drawn),
        "views": (drawn % 100) ** 3 // 50 + visits * (1 + drawn % 9),
    }


def by_months(drawn: int) -> dict[str, int] | int:
    """Return numbers by month; 0 where the portal never counted."""
    return {month: (drawn >> place) % 9 for place, month in enumerate(MONTHS)} if drawn % 3 else 0
