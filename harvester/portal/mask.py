"""X-Fields masks: which keys of a JSON answer are asked for.

https://flask-restx.readthedocs.io/en/latest/mask.html
"""

from collections.abc import Iterator


def union(*masks: str) -> str:
    """Return the mask, without outer braces, that asks for all that these ask for.

    >>> union("id,internal{created}", "id,internal{changed},title")
    'id,internal{changed,created},title'
    >>> union("owner{name}", "owner")
    'owner'
    """
    found: dict[str, set[str]] = {}
    for part in (part for mask in masks for part in parts(mask)):
        name, _, inner = part.partition("{")
        found.setdefault(name, set()).add(inner[:-1])
    return ",".join(
        name if "" in inner else f"{name}{{{union(*inner)}}}" for name, inner in sorted(found.items())
    )


def parts(mask: str) -> Iterator[str]:
    """Yield what stands between the outer commas of a mask.

    >>> list(parts("id,internal{created,changed}"))
    ['id', 'internal{created,changed}']
    """
    part, depth = "", 0
    for char in mask:
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            yield part
            part = ""
        else:
            part += char
    if part:
        yield part
