"""Whether the server can answer, for whoever decides to send it requests."""

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from harvester.serve.core.serving import serving_of


async def health(request: Request) -> Response:
    """Answer 200 while queries are answered, 503 while they cannot be: send requests elsewhere then.

    `status` is `ok`; `degraded` when something is amiss that the operator should see to, and `reason` says
    what; `unavailable` with 503. The log has the details.
    """
    engine = serving_of(request).engine
    edition = engine.edition
    if edition is None:
        return _told(503, {"status": "unavailable", "reason": engine.trouble or "no catalogue yet"})
    created = edition.generation.created
    facts: dict[str, str | int] = {
        "generation": edition.generation.id,
        "created": created.isoformat(),
        "age_s": round((datetime.now(UTC) - created).total_seconds()),
        "busy": edition.pool.busy,
        "waiting": edition.pool.queued,
    }
    if edition.pool.stranded:
        return _told(503, {"status": "unavailable", "reason": "no process can be started", **facts})
    if engine.trouble:
        return _told(200, {"status": "degraded", "reason": engine.trouble, **facts})
    return _told(200, {"status": "ok", **facts})


def _told(status: int, facts: dict[str, str | int]) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "10"} if status == 503 else {})
    return JSONResponse(facts, status, headers)


ROUTES = [Route("/health", health)]
