"""X-Fields masks: `data{id,datasets{id}},total`, as flask-restx reads them.

https://flask-restx.readthedocs.io/en/latest/mask.html
"""

import re

Mask = dict[str, "Mask | None"]

_TOKEN = re.compile(r"[^{},\s]+|[{},]")


class MaskError(ValueError):
    """A mask that cannot be read; the message is the portal's."""


def parse_mask(text: str) -> Mask:
    """Return the fields that a mask keeps; None for those kept whole.

    >>> parse_mask("data{id,datasets{id}},total")
    {'data': {'id': None, 'datasets': {'id': None}}, 'total': None}
    """
    top: Mask = {}
    levels = [top]
    name = ""
    for token in _TOKEN.findall(text):
        if token == "{":
            inner: Mask = {}
            levels[-1][name] = inner
            levels.append(inner)
        elif token == "}":
            if len(levels) == 1:
                raise MaskError("Mask parse error: Unexpected closing bracket")
            levels.pop()
        elif token != ",":
            name = token
            levels[-1][name] = None
    if len(levels) > 1:
        raise MaskError("Mask parse error: Missing closing bracket")
    return top


def apply_mask(value: object, mask: Mask | None) -> object:
    """Keep of a JSON value what `mask` names; unknown names are ignored.

    >>> apply_mask({"data": [{"id": 1, "x": 2}], "next_page": None}, parse_mask("data{id,nope}"))
    {'data': [{'id': 1}]}
    """
    if mask is None:
        return value
    if isinstance(value, list):
        return [apply_mask(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    kept = dict(value) if "*" in mask else {}
    return kept | {name: apply_mask(value[name], inner) for name, inner in mask.items() if name in value}
