"""Every record has an address: /resource?iri=IRI tells what is known of it, as a graph or as a page."""

import json
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester.query.results import GRAPHS
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.data.record_page import record_page
from harvester.serve.html.links import RESOURCE, Download, label, resource_address
from harvester.serve.html.rendering import page
from harvester.serve.http.problem import Problem
from harvester.serve.http.suffixes import HTML, format_of, media_type
from harvester.workers.task import Task

_GRAPHS = ("ttl", "jsonld", "nt", "xml")
"""The formats by name, the one to prefer first."""
_FORMATS = (*_GRAPHS, HTML)
_URI = "%/:=&?~#+!$,;'@()*"
"""Characters of a URI that a header may carry as they are; an IRI has others too."""


async def resource(request: Request) -> Response:
    """Describe one resource, named by its IRI or by the portal's id."""
    serving = serving_of(request)
    name = request.query_params.get("iri", "")
    if not name:
        raise Problem(400, "The address names no resource", f"add its IRI: {RESOURCE}?iri=https://…")
    format_ = format_of(request, _FORMATS)
    if format_ == HTML:
        answer = await serving.engine.answer(Task("record_outline", (name,)), request)
        outline = json.loads(await answer.whole())
        shown = record_page(outline, serving.path)
        response = await page(
            request, "record.html", {"record": shown, "files": _files(serving, outline["resource"])}
        )
        response.headers["Link"] = _links(serving, outline["resource"])
        return response
    answer = await serving.engine.answer(Task("record", (name, format_)), request)
    return answer.response({"Link": _links(serving, answer.facts["resource"])})


def _files(serving: Serving, iri: str) -> list[Download]:
    return [
        Download(label(GRAPHS[name]), resource_address(serving.path, iri, f".{name}"), media_type(name))
        for name in _GRAPHS
    ]


def _links(serving: Serving, iri: str) -> str:
    """Return a Link header: what is described, where, and in which other formats.

    https://www.rfc-editor.org/rfc/rfc8288#section-3
    """
    links = [(iri, "describes", ""), (resource_address(serving.url, iri), "canonical", "")]
    links += [
        (resource_address(serving.url, iri, f".{name}"), "alternate", f'; type="{media_type(name)}"')
        for name in _FORMATS
    ]
    return ", ".join(f'<{quote(to, safe=_URI)}>; rel="{rel}"{extra}' for to, rel, extra in links)


ROUTES = [Route(RESOURCE, resource), Route(RESOURCE + ".{suffix}", resource)]
