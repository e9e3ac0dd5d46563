"""What things are called: labels instead of bare IRIs, as the catalogue says them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from harvester.serve.core.serving import serving_of
from harvester.serve.html.words import words_of
from harvester.serve.http.problem import Problem
from harvester.workers.task import Task

MOST = 2_000
"""IRIs whose labels are looked up for one page."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name with its language, "" if the catalogue says none."""

    text: str
    language: str = ""


async def labels(request: Request, iris: Iterable[str], language: str = "") -> Mapping[str, Label]:
    """Return the labels of those IRIs that have one, if possible in a language: the reader's unless given.

    A page is as true without them, so whatever keeps the server from finding them costs only them.
    """
    wanted = sorted(set(iris))[:MOST]
    if not wanted:
        return {}
    task = Task("labels", (language or words_of(request).language, *wanted))
    try:
        answer = await serving_of(request).engine.answer(task, request)
        found = json.loads(await answer.whole())
    except Problem:
        return {}
    return {iri: Label(**label) for iri, label in found.items()}
