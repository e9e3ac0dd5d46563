"""Sizes of files in words."""

from harvester.serve.html.words import Words

_UNITS = {
    "en": ("bytes", "kB", "MB", "GB", "TB", "PB"),
    "fr": ("octets", "ko", "Mo", "Go", "To", "Po"),
}
"""As https://cldr.unicode.org/ has them; Babel takes its time for each, and a page may have hundreds."""


def size_text(words: Words, size: float | None) -> str:
    r"""Write a number of bytes as people say it, "" if it is unknown.

    >>> from harvester.serve.html.words import words_in
    >>> size_text(words_in("en"), 879_011_261), size_text(words_in("fr"), 1_250)
    ('879\xa0MB', '1,2\xa0ko')
    """
    if size is None or size < 0:
        return ""
    value, unit = float(size), 0
    units = _UNITS[words.language]
    while round(value) >= 1_000 and unit < len(units) - 1:
        value, unit = value / 1_000, unit + 1
    rounded = round(value, 1) if unit and value < 10 else round(value)
    return f"{words.number(rounded)}\u00a0{units[unit]}"
