"""Which format of linked data a request asks for: by the suffix of its path, or else by Accept."""

from functools import lru_cache

from starlette.requests import Request

from harvester.formats import BY_NAME
from harvester.serve.http.negotiation import choose
from harvester.serve.http.problem import Problem

HTML = "html"


def media_type(name: str) -> str:
    """Return the media type of a format's name, or of "html"."""
    return "text/html" if name == HTML else BY_NAME[name].media_type


def wants_page(request: Request) -> bool:
    """Tell whether a list is wanted as a page rather than as JSON. Raises Problem (406) for neither."""
    chosen = choose(request.headers.get("accept"), ("application/json", media_type(HTML)))
    if chosen is None:
        raise Problem(406, "The list comes as a page or as JSON", "accept text/html or application/json")
    return chosen == media_type(HTML)


def format_of(request: Request, names: tuple[str, ...]) -> str:
    """Return one of `names`, the one to prefer first; the route has the suffix, if any, as `suffix`.

    Raises Problem: 404 for a suffix that is none of them, 406 where Accept takes none of them.
    """
    suffix = request.path_params.get("suffix")
    if suffix is not None:
        wanted = HTML if suffix == HTML else getattr(BY_NAME.get(suffix), "name", None)
        if wanted in names:
            return wanted
        fix = f"end it in one of {', '.join(f'.{name}' for name in names)}"
        raise Problem(404, f"There is nothing here in the format {suffix[:40]!r}", fix)
    types = _types(names)
    chosen = choose(request.headers.get("accept"), tuple(types))
    if chosen is None:
        raise Problem(
            406, "This comes in none of the media types that you accept", f"accept {', '.join(types)}"
        )
    return types[chosen]


@lru_cache
def _types(names: tuple[str, ...]) -> dict[str, str]:
    """Return media type → name: the registered types first, then their aliases."""
    aliases = {alias: name for name in names if name != HTML for alias in BY_NAME[name].media_types[1:]}
    return {media_type(name): name for name in names} | aliases
