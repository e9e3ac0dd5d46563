"""/changes.atom: new, changed and removed datasets, and new reuses, for feed readers."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.feeds.atom import MEDIA_TYPE, Entry, Feed, Label, Link, write_atom
from harvester.serve.html.links import changed_iri, resource_address
from harvester.serve.html.rendering import tagged
from harvester.serve.html.rows import followable, shorten_iri
from harvester.serve.html.templating import SITE
from harvester.serve.html.words import LANGUAGES, Words, moment_of, words_in, words_of
from harvester.serve.http.problem import Problem
from harvester.serve.queries.rows import rows_of
from harvester.vocab import HV, RECORD_GRAPHS, RUN
from harvester.workers.task import Task

PATH = "/changes.atom"
QUERY = "recent-changes"
KINDS = ("dataset", "reuse")
_CHANGES = "urn:x-harvester:change:"
_TERMS = {"added": "new"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}")
_URI = "%/:=&?~#+!$,;'@()*[]"
Row = Mapping[str, str]
Labels = Mapping[str, Mapping[str, str]]


async def changes(request: Request) -> Response:
    """Answer with the feed."""
    serving, given = serving_of(request), _parameters(request)
    language = given.get("language") or words_of(request).language
    words = words_in(language if language in LANGUAGES else LANGUAGES[0])
    chosen = {name: value for name, value in given.items() if name != "language"}
    found = await rows_of(request, QUERY, chosen)
    labels = await _labels(request, language, found.rows)
    entries = [entry for row in found.rows if (entry := _entry(serving, words, row, labels))]
    created = serving.engine.require().generation.manifest.created
    feed = Feed(
        id=serving.url(PATH) + _search({**chosen, "language": language}),
        title=_title(words, chosen),
        subtitle=words.gettext("New, changed and removed datasets, and new reuses"),
        author=words.gettext(SITE),
        home=serving.url("/"),
        language=words.language,
        updated=max((entry.updated for entry in entries), default=created),
        links=list(_links(serving, chosen, language, serving.settings.prefix, found.address)),
        entries=entries,
    )
    return tagged(write_atom(feed), f"{MEDIA_TYPE}; charset=utf-8", words.language)


def _parameters(request: Request) -> dict[str, str]:
    """Return what a request asks for. Raises Problem (400)."""
    given = {name: value for name, value in request.query_params.items() if value}
    for name in given.keys() - {"kind", "portal", "language"}:
        raise Problem(
            400, f"The feed has no parameter {name[:40]!r}", "use kind, portal and language, or none"
        )
    if given.get("kind", KINDS[0]) not in KINDS:
        raise Problem(
            400, f"There is no feed of the kind {given['kind'][:40]!r}", f"use one of {', '.join(KINDS)}"
        )
    if "language" in given and not _LANGUAGE.fullmatch(given["language"]):
        raise Problem(400, f"{given['language'][:40]!r} is no language", "use a code such as fr or en")
    return given


async def _labels(request: Request, language: str, rows: tuple[Row, ...]) -> Labels:
    """Return what the resources are called, and what records of removed ones say that they were called."""
    iris = {row["resource"] for row in rows} | {row["record"] for row in rows if row["change"] == "removed"}
    answer = await serving_of(request).engine.answer(Task("labels", (language, *sorted(iris))), request)
    labels: Labels = json.loads(await answer.whole())
    return labels


def _entry(serving: Serving, words: Words, row: Row, labels: Labels) -> Entry | None:
    """Return what the feed says of a change, None if the store has no time for it."""
    moment = moment_of(row["when"])
    if moment is None:
        return None
    when = moment.astimezone(UTC)
    said = labels.get(row["resource"]) or labels.get(row["record"]) or {}
    name = said.get("text") or row["title"] or shorten_iri(row["resource"])
    term = _TERMS.get(row["change"], row["change"])
    return Entry(
        id=f"{_CHANGES}{when:%Y%m%dT%H%M%SZ}:{term}:{row['record'].removeprefix(RECORD_GRAPHS)}",
        title=words.pair(_what(words, row), name),
        summary=_summary(words, row, when),
        updated=when,
        links=list(_entry_links(serving, row)),
        labels=[
            Label(term, HV + "change", _change(words, row["change"])),
            Label(row["kind"], HV + "kind", _kind(words, row["kind"])),
            Label(row["portal"], HV + "portal", row["portal"]),
        ],
    )


def _entry_links(serving: Serving, row: Row) -> Iterator[Link]:
    iri = changed_iri(row)
    yield Link("alternate", resource_address(serving.url, iri), "text/html")
    if iri == row["resource"]:
        yield Link("alternate", resource_address(serving.url, iri, ".ttl"), "text/turtle")
    if address := followable(row["resource"]):
        yield Link("via", quote(address, safe=_URI))
    run = row["run"].removeprefix(RUN)
    yield Link("related", serving.url(f"/runs/{quote(run, safe='')}"), "text/html")


def _links(
    serving: Serving, chosen: Mapping[str, str], language: str, prefix: str, query: str
) -> Iterator[Link]:
    own = serving.url(PATH)
    yield Link("self", own + _search({**chosen, "language": language}), MEDIA_TYPE, language)
    for other in LANGUAGES:
        if other != language:
            yield Link("alternate", own + _search({**chosen, "language": other}), MEDIA_TYPE, other)
    yield Link("alternate", serving.url("/runs"), "text/html")
    yield Link("via", serving.url(query.removeprefix(prefix)), "text/html")


def _title(words: Words, chosen: Mapping[str, str]) -> str:
    names = {
        "": words.gettext("Changes"),
        "dataset": words.gettext("Changes of datasets"),
        "reuse": words.gettext("New reuses"),
    }
    name = names[chosen.get("kind", "")]
    portal = chosen.get("portal", "")
    return f"{name} · {portal or words.gettext(SITE)}"


def _what(words: Words, row: Row) -> str:
    names = {
        ("added", "dataset"): words.gettext("New dataset"),
        ("changed", "dataset"): words.gettext("Changed dataset"),
        ("removed", "dataset"): words.gettext("Removed dataset"),
        ("added", "reuse"): words.gettext("New reuse"),
    }
    return names.get((row["change"], row["kind"]), row["change"])


def _summary(words: Words, row: Row, when: datetime) -> str:
    """Say in words what happened."""
    values = {
        "portal": row["portal"],
        "day": words.date(when, "long"),
        "since": words.date(row["since"], "long"),
    }
    change, known = row["change"], bool(row["since"])
    if change == "removed":
        text = (
            words.gettext("%(portal)s no longer publishes it: removed on %(day)s; known since %(since)s.")
            if known
            else words.gettext("%(portal)s no longer publishes it: removed on %(day)s.")
        )
    elif change == "changed":
        text = (
            words.gettext("%(portal)s has changed it: found on %(day)s; known since %(since)s.")
            if known
            else words.gettext("%(portal)s has changed it: found on %(day)s.")
        )
    elif known and row["since"][:10] < f"{when:%Y-%m-%d}":
        text = words.gettext("%(portal)s publishes it again: found on %(day)s; known since %(since)s.")
    else:
        text = words.gettext("%(portal)s publishes it: found for the first time on %(day)s.")
    return text % values


def _change(words: Words, change: str) -> str:
    names = {
        "added": words.gettext("new"),
        "changed": words.gettext("changed"),
        "removed": words.gettext("removed"),
    }
    return names.get(change, change)


def _kind(words: Words, kind: str) -> str:
    return {"dataset": words.gettext("dataset"), "reuse": words.gettext("reuse")}.get(kind, kind)


def _search(values: Mapping[str, str]) -> str:
    return f"?{urlencode(values)}" if values else ""


ROUTES = [Route(PATH, changes)]
