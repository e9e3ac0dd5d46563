"""Sizes of files in words."""

from babel.units import format_unit

from harvester.serve.html.words import Words

_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte")


def size_text(words: Words, size: float | None) -> str:
    """Write a number of bytes as people say it, "" if it is unknown.

    >>> from harvester.serve.html.words import words_in
    >>> size_text(words_in("en"), 879_011_261), size_text(words_in("en"), 12)
    ('879 MB', '12 bytes')
    """
    if size is None or size < 0:
        return ""
    value, unit = float(size), 0
    while round(value) >= 1_000 and unit < len(_UNITS) - 1:
        value, unit = value / 1_000, unit + 1
    rounded = round(value, 1) if unit and value < 10 else round(value)
    name = f"digital-{_UNITS[unit]}"
    return str(format_unit(rounded, name, "short" if unit else "long", locale=words.language))
