"""/runs: how the harvests went; /runs/ID: what one of them found, changed and could not read."""

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import serving_of
from harvester.serve.html.labels import labels
from harvester.serve.html.rendering import page
from harvester.serve.html.run_words import change_name, kind_name
from harvester.serve.html.words import Words, words_of
from harvester.serve.http.problem import Problem
from harvester.serve.queries.rows import query_address, rows_of
from harvester.serve.site.run_news import news, untold_runs
from harvester.serve.site.run_rows import (
    CHANGES,
    bars,
    change_groups,
    facts_of,
    problem_groups,
    run_row,
    tallies,
)
from harvester.vocab import RUN

PATH = "/runs"
PER_PAGE = 50
CHANGES_PER_PAGE = 50
MOST_PAGES = 20
"""Pages of changes: to go deeper takes the server long, and nobody reads 1,000 of them."""
_ID = re.compile(r"[A-Za-z0-9._:~-]{1,100}")
_MOST_RUNS_PAGE = 1_000


async def history(request: Request) -> Response:
    """Show the runs of all portals or one, the newest first."""
    serving, words = serving_of(request), words_of(request)
    number = _page(request, _MOST_RUNS_PAGE)
    portal = request.query_params.get("portal", "")
    chosen = {"portal": portal} if portal else {}
    span = {"limit": str(PER_PAGE + 1), "from": str((number - 1) * PER_PAGE)}
    found, portals, untold = await asyncio.gather(
        rows_of(request, "runs", chosen | span),
        rows_of(request, "harvested-portals", {}),
        untold_runs(serving.settings.store),
    )
    runs = [run_row(words, row) for row in found.rows[:PER_PAGE]]
    context = {
        "runs": runs,
        "untold": [] if number > 1 else news(words, untold, portal, {run.id for run in runs}),
        "bars": bars(words, runs),
        "portal": portal,
        "portals": [(row["portal"], int(row["runs"] or 0)) for row in portals.rows],
        "number": number,
        "more": len(found.rows) > PER_PAGE,
        "search": chosen,
        "query": query_address(serving, "runs", chosen | {"from": span["from"]}),
        "failures": query_address(serving, "failed-runs", {}),
    }
    return await page(request, "runs.html", context)


async def one(request: Request) -> Response:
    """Show one run."""
    serving, words, id_ = serving_of(request), words_of(request), request.path_params["id"]
    if not _ID.fullmatch(id_):
        raise _unknown(id_)
    run = {"run": RUN + id_}
    facts = await rows_of(request, "run-facts", run)
    if facts.first is None:
        raise _unknown(id_)
    number = _page(request, MOST_PAGES)
    chosen = _chosen(request)
    span = {"limit": str(CHANGES_PER_PAGE + 1), "from": str((number - 1) * CHANGES_PER_PAGE)}
    kinds, changed, problems = await asyncio.gather(
        rows_of(request, "run-kinds", run),
        rows_of(request, "run-changes", run | chosen | span),
        rows_of(request, "run-problems", run),
    )
    shown = changed.rows[:CHANGES_PER_PAGE]
    gone = (row["record"] for row in shown if row["change"] == "removed")
    names = await labels(request, [*(row["resource"] for row in shown), *gone])
    context = {
        "id": id_,
        "facts": facts_of(words, facts.first),
        "tallies": tallies(words, kinds.rows),
        "groups": change_groups(words, shown, names, serving.path),
        "chosen": chosen,
        "shown_choice": _shown(words, chosen),
        "address": serving.path(f"{PATH}/{quote(id_)}"),
        "number": number,
        "more": len(changed.rows) > CHANGES_PER_PAGE,
        "deeper": number < MOST_PAGES,
        "problems": problem_groups(words, problems.rows),
        "more_problems": problems.more,
        "queries": {
            "facts": facts.address,
            "kinds": kinds.address,
            "changes": query_address(serving, "run-changes", run | chosen | {"from": span["from"]}),
            "problems": problems.address,
        },
    }
    return await page(request, "run.html", context)


def _chosen(request: Request) -> dict[str, str]:
    """Return which changes are asked for. Raises Problem (400)."""
    chosen = {
        name: request.query_params[name] for name in ("kind", "change") if request.query_params.get(name)
    }
    if chosen.get("change", CHANGES[0]) not in CHANGES:
        raise Problem(
            400, f"There is no change {chosen['change'][:40]!r}", f"use one of {', '.join(CHANGES)}"
        )
    return chosen


def _shown(words: Words, chosen: Mapping[str, str]) -> Mapping[str, str]:
    kind, change = chosen.get("kind", ""), chosen.get("change", "")
    return {"kind": kind_name(words, kind), "change": change_name(words, change)}


def _page(request: Request, most: int) -> int:
    text = request.query_params.get("page", "1")
    if text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= most:
        return int(text)
    raise Problem(404, f"There is no page {text[:40]!r}", f"pages count from 1, and end at {most:,}")


def _unknown(id_: str) -> Problem:
    return Problem(
        404, f"The catalogue tells of no run {id_[:100]!r}", f"{PATH} lists those that it tells of"
    )


ROUTES = [Route(PATH, history), Route(PATH + "/{id}", one)]
