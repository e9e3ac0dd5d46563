"""What goes wrong is said in words for whoever asked, and in no others."""

import json
from http import HTTPStatus
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harvester.errors import HarvesterError, Locked, QueryError, StoreError, UsageError
from harvester.query.sparql import read
from harvester.serve.http.problem import TITLES, Problem, as_json, problem_from
from harvester.store.local import open_read_only
from harvester.workers.task import Refused


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("a", fix="b"), HTTPStatus.BAD_REQUEST),
        (QueryError("a", fix="b"), HTTPStatus.SERVICE_UNAVAILABLE),
        (StoreError("a", fix="b"), HTTPStatus.SERVICE_UNAVAILABLE),
        (Locked("a", fix="b"), HTTPStatus.SERVICE_UNAVAILABLE),
        (Refused(410, "a", fix="b"), HTTPStatus.GONE),
        (HarvesterError("a", fix="b"), HTTPStatus.INTERNAL_SERVER_ERROR),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_error_has_a_status(error, status):
    """Its sender's mistakes are 4xx, ours 5xx."""
    assert problem_from(error).status == status


def test_a_problem_is_written_as_rfc_9457_has_it():
    """Its members by name and type: https://www.rfc-editor.org/rfc/rfc9457#section-3.1."""
    problem = Problem(504, "It took 30 s", "ask for less", slug="query-too-slow")

    assert json.loads(as_json(problem, "/sparql?query=…")) == {
        "type": "urn:x-harvester:problem:query-too-slow",
        "title": "The query takes too long",
        "status": 504,
        "detail": "It took 30 s",
        "instance": "/sparql?query=…",
        "fix": "ask for less",
    }


def test_the_place_of_a_mistake_is_kept():
    """Line, column and caret of a syntax error arrive as they were written."""
    with pytest.raises(UsageError) as mistake:
        read("SELECT *\nWHERE { ?s ?p 'open }")

    detail = json.loads(as_json(problem_from(mistake.value), "/sparql"))["detail"]

    assert "line 2, column 15" in detail
    assert detail.splitlines()[1:] == ["    WHERE { ?s ?p 'open }", "    " + " " * 14 + "^"]


def test_nobody_learns_where_the_catalogue_is(tmp_path: Path):
    """Errors of the disk name folders of the server, and advise its operator: neither is told."""
    with pytest.raises(StoreError) as broken:
        open_read_only(tmp_path / "nothing")
    assert str(tmp_path) in broken.value.cause

    told = as_json(problem_from(broken.value), "/sparql").decode()

    assert str(tmp_path) not in told
    assert broken.value.fix not in told


@pytest.mark.parametrize("slug", TITLES)
def test_a_status_alone_makes_a_problem(slug):
    """Every kind of problem has a kind for its status to fall back to, with a title that fits it."""
    status, _ = TITLES[slug]

    problem = Problem(status, "a", "b")

    assert TITLES[problem.slug] == (status, problem.title)
    assert Problem(status, "a", "b", slug=slug).title == TITLES[slug][1]


@pytest.mark.parametrize(("status", "slug"), [(418, "bad-request"), (507, "internal-error")])
def test_an_unusual_status_has_the_words_of_its_class(status, slug):
    """https://www.rfc-editor.org/rfc/rfc9110#section-15: treat it as the x00 of its class."""
    assert Problem(status, "a", "b").slug == slug


def test_waiting_is_said_in_the_header():
    """Retry-After in seconds, beside other headers; none where waiting does not help."""
    busy = Problem(429, "a", "b", retry_after_s=3, headers={"X-Queue": "full"})

    assert dict(busy.headers) == {"Retry-After": "3", "X-Queue": "full"}
    assert dict(problem_from(Refused(429, "a", fix="b", retry_after_s=5)).headers) == {"Retry-After": "5"}
    assert dict(Problem(404, "a", "b").headers) == {}


@given(st.text())
@example("SELECT \ud800")
def test_whatever_the_words_are_they_can_be_written(text):
    """A query's half surrogate, shown in a cause, does not break the answer that tells of it."""
    assert json.loads(as_json(Problem(400, text, text), text))["status"] == 400
