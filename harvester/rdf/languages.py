"""Which of several texts suits a reader best, by their language tags (https://www.rfc-editor.org/info/bcp47)."""


def rank(wanted: str, tag: str) -> int:
    """Return how far a text's tag, "" for none, is from a reader's language: theirs, none, English, any.

    >>> [rank("fr", tag) for tag in ("fr-BE", "", "en", "de")], rank("en", "EN")
    ([0, 1, 2, 3], 0)
    """
    order = (wanted, "", "en")
    main = tag.partition("-")[0].lower()
    return order.index(main) if main in order else len(order)
