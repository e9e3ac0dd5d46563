"""The choice of a language: kept in a cookie, so that it works without script and in every address."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import serving_of
from harvester.serve.html.words import COOKIE, LANGUAGES, SWITCH
from harvester.serve.http.problem import Problem

_YEAR_S = 365 * 86_400
_LOCAL = re.compile(r"/(?![/\\])[!-~]{0,7999}")
"""An address on this site: `//host` and `/\\host` lead elsewhere, and a header takes no other characters."""


async def choose(request: Request) -> Response:
    """Remember a language, and lead back to where it was chosen."""
    serving, language = serving_of(request), request.path_params["language"]
    if language not in LANGUAGES:
        raise Problem(404, "The pages are not in this language", f"choose one of {', '.join(LANGUAGES)}")
    back = request.query_params.get("back", "")
    response = Response(status_code=303)
    response.headers["Location"] = back if _LOCAL.fullmatch(back) else serving.path("/")
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        language,
        max_age=_YEAR_S,
        path=serving.path("/"),
        secure=serving.settings.base.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return response


ROUTES = [Route(SWITCH + "{language}", choose)]
