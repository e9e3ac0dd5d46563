"""The portal's routes: a request in, an answer out, no network."""

import json
import pickle
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

from tests.simulator import docs, surfaces, words
from tests.simulator.docs import Scene
from tests.simulator.exchange import (
    Answer,
    Refused,
    Request,
    json_answer,
    missing,
    missing_route,
    preferred,
    redirect,
    revalidated,
)
from tests.simulator.faults import Fault
from tests.simulator.graph import Graph
from tests.simulator.hydra import describe_paging, view_of
from tests.simulator.manners import CRASHING, EXTENSIONS, MEDIA_TYPES, NEGOTIATED, Manners, Surface
from tests.simulator.masks import MaskError, apply_mask, parse_mask
from tests.simulator.names import Names
from tests.simulator.rdf import describe_catalog, describe_dataset
from tests.simulator.records import Dataset, Reuse, State
from tests.simulator.render import CONTEXT, relabelled, render
from tests.simulator.surfaces import LISTINGS, Listing
from tests.simulator.world import World

GONE = "The requested URL is no longer available on this server and there is no forwarding address."
SLASHED = re.compile(r"/api/1/(site|reuses/(types|topics|badges)|(datasets|reuses)/[^/]+)$")

_FULL = "X-Get-Datasets-Full-Objects"


class Api:
    """Answers requests about `world`, which may be replaced between two of them.

    Answers are made once and kept in `directory`, if there is one.
    """

    def __init__(self, world: World, manners: Manners, directory: Path | None = None) -> None:
        self.world = world
        self.manners = manners
        self._directory = directory

    def answer(self, request: Request, faults: Sequence[Fault] = ()) -> Answer:
        """Answer one request. Errors are JSON, as udata's. RDF has new blank node labels each time."""
        if any(fault.shapes_pages for fault in faults):
            answer = self._made(request, faults)
        else:
            answer = self._kept(request)
        if answer.media_type not in MEDIA_TYPES.values() or answer.status != 200:
            return answer
        labels = "Nb" if self.manners.etags else ""
        answer = replace(answer, body=relabelled(answer.body, labels))
        if not self.manners.etags:
            return answer
        return revalidated(answer, request.headers.get("If-None-Match", ""))

    def _made(self, request: Request, faults: Sequence[Fault]) -> Answer:
        try:
            return self._route(request, faults)
        except Refused as refused:
            return json_answer(refused.document, refused.status)

    def _route(self, request: Request, faults: Sequence[Fault]) -> Answer:
        path = request.path
        host = self.manners.canonical_host
        if host and request.base != f"http://{host}":
            return redirect(f"http://{host}{request.target}", 301)
        if self.manners.api and (SLASHED.match(path) or surfaces.known(f"{path}/", self.manners)):
            _, mark, query = request.target.partition("?")
            return redirect(f"{request.base}{path}/{mark}{query}", 308)
        if match := re.fullmatch(r"/api/1/site/catalog(?:\.([^/]+))?", path):
            return self._catalog(request, match[1], faults)
        if not self.manners.api:
            raise missing_route()
        if match := re.fullmatch(r"/api/1/site/data\.([^/]+)", path):
            return redirect(f"/api/1/site/catalog.{match[1]}")
        found = self._surface(request)
        if found is not None:
            return found
        if match := re.fullmatch(r"/api/1/datasets/([^/]+)/(rdf(?:\.([^/]+))?)?", path):
            return self._dataset(request, *match.groups())
        if match := re.fullmatch(r"/api/1/reuses/(?!(?:types|topics|badges)/)([^/]+)/", path):
            return self._reuse(request, match[1])
        return self._document(request)

    def _surface(self, request: Request) -> Answer | None:
        """Answer with a list, a single document or a code list; None: there is none at the path."""
        path, manners = request.path, self.manners
        codes = surfaces.codes_at(path, request.query.get("lang"), manners)
        if codes is not None:
            return json_answer(codes) if surfaces.UNMASKED.fullmatch(path) else self._masked(request, codes)
        if listing := surfaces.listing_at(path, self.world, manners):
            return self._listing(request, listing)
        if found := surfaces.single_at(path, manners):
            single, key = found
            document = single.document(self._scene(request), key)
            return self._masked(request, document) if single.masks else json_answer(document)
        return None

    def _document(self, request: Request) -> Answer:
        """Answer with one of the fixed documents, or with a list of the home page."""
        query = request.query
        match request.path.removeprefix("/api/1/"):
            case "site/context.jsonld":
                return Answer(200, "application/ld+json", json.dumps(CONTEXT).encode())
            case "site/":
                return self._masked(request, docs.site(self.world))
            case "site/tags.csv" if Surface.CODES in self.manners.surfaces:
                return Answer(200, "text/csv; charset=utf-8", docs.tags(self.world).encode())
            case "reuses/types/":
                return json_answer(docs.labels(words.REUSE_TYPES, query.get("lang")))
            case "reuses/topics/":
                return json_answer(docs.labels(words.REUSE_TOPICS, query.get("lang")))
            case "reuses/badges/":
                return json_answer({})
            case "site/home/datasets/" | "site/home/reuses/" if self.manners.home:
                listing = LISTINGS[request.path.replace("/site/home", "")]
                rows = listing.rows(self.world, {"featured": "true"})[:9]
                return self._masked(request, [listing.document(self._scene(request), row) for row in rows])
        raise missing_route()

    def _catalog(self, request: Request, extension: str | None, faults: Sequence[Fault]) -> Answer:
        if extension is None:
            return self._negotiated(request)
        extension = extension.lower()
        if extension in CRASHING:
            raise Refused(500, {"message": "Internal Server Error"})
        if extension not in self.manners.extensions:
            raise missing()
        number, size = _positive(request, "page", 1), _positive(request, "page_size", 100)
        if number > 1 and (number - 1) * size >= len(self.world.listed):
            raise missing()

        body = self._page(request, extension, number, size, faults)
        return Answer(200, MEDIA_TYPES[EXTENSIONS[extension]], body)

    def _page(self, request: Request, ext: str, number: int, size: int, faults: Sequence[Fault]) -> bytes:
        world, names = self.world, self._names(request)
        format_ = EXTENSIONS[ext]
        view = view_of(f"{names.catalog}.{ext}", number, size, len(world.listed))
        for fault in faults:
            view, number = fault.view(view), fault.number(number)
        graph = Graph(controls=format_ == "jsonld")
        datasets = map(world.dataset, world.listed[(number - 1) * size : number * size])
        node = describe_catalog(graph, world, names, datasets, first=number == 1)
        describe_paging(graph, node, view, self.manners.hydra)
        return render(graph, format_)

    def _negotiated(self, request: Request) -> Answer:
        """Redirect to an extension, relatively, as udata; a portal without extensions answers at once."""
        offers = {
            media: e
            for media, e in NEGOTIATED.items()
            if e in self.manners.extensions or not self.manners.extensions
        }
        accept = request.headers.get("Accept", "")
        extension = preferred(accept, offers)
        if self.manners.extensions:
            query = {"page": request.query.get("page", 1), "page_size": request.query.get("page_size", 100)}
            return redirect(f"/api/1/site/catalog.{extension or 'json'}?{urlencode(query)}")
        if extension is None:
            raise Refused(406, {"message": "Not Acceptable"})
        body = self._page(request, extension, 1, len(self.world.listed) or 1, ())
        return Answer(200, MEDIA_TYPES[EXTENSIONS[extension]], body, (("Vary", "Accept"),))

    def _dataset(self, request: Request, key: str, rdf: str | None, extension: str | None) -> Answer:
        names, record = self._names(request), self.world.find(key)
        if record is None and (lower := self.world.find(key.lower())):
            return redirect(request.target.replace(key, lower.slug), 308)
        if record is not None and rdf == "rdf":
            found = preferred(request.headers.get("Accept", ""), NEGOTIATED)
            return redirect(f"/api/1/datasets/{record.id}/rdf.{found or 'json'}")
        found_record = _visible(record, GONE if rdf else "Dataset has been deleted")
        if not rdf:
            return self._masked(request, docs.dataset(self._scene(request), found_record))
        format_ = EXTENSIONS.get((extension or "").lower())
        if format_ is None:
            raise missing()
        graph = Graph(controls=format_ == "jsonld")
        describe_dataset(graph, self.world, names, found_record, listed=False)
        return Answer(200, MEDIA_TYPES[format_], render(graph, format_))

    def _reuse(self, request: Request, key: str) -> Answer:
        record = _visible(self.world.find_reuse(key), "This reuse has been deleted")
        return self._masked(request, docs.reuse(self._scene(request), record))

    def _listing(self, request: Request, listing: Listing) -> Answer:
        number, size = _positive(request, "page", 1), _positive(request, "page_size", 20)
        rows = listing.rows(self.world, request.query)
        if number > 1 and (number - 1) * size >= len(rows):
            raise missing()
        scene = self._scene(request)

        def url(page: int) -> str:
            return f"{request.base}{request.path}?{urlencode({**request.query, 'page': page})}"

        return self._masked(
            request,
            {
                "data": [listing.document(scene, row) for row in rows[(number - 1) * size : number * size]],
                "next_page": url(number + 1) if number * size < len(rows) else None,
                "page": number,
                "page_size": size,
                "previous_page": url(number - 1) if number > 1 else None,
                "total": len(rows),
            },
        )

    def _masked(self, request: Request, document: object) -> Answer:
        mask = request.headers.get("X-Fields")
        if mask is None or not self.manners.masks:
            return json_answer(document)
        try:
            return json_answer(apply_mask(document, parse_mask(mask)))
        except MaskError as error:
            raise Refused(400, {"message": str(error)}) from error

    def _scene(self, request: Request) -> Scene:
        full = _FULL in request.headers
        return Scene(self.world, self._names(request), self.manners.light_reuses, full)

    def _names(self, request: Request) -> Names:
        """URLs of the API follow the Host header; others do not."""
        return Names(f"{request.base}/api/1", self.world.cdata)

    def _kept(self, request: Request) -> Answer:
        """Return an answer from the directory, made the first time; without one, make it each time."""
        if self._directory is None:
            return self._made(request, ())
        negotiated = request.path.endswith(("/catalog", "/rdf"))
        accept = negotiated and request.headers.get("Accept")
        varies = (request.headers.get("X-Fields"), accept, _FULL in request.headers)
        key = (self.world, self.manners, request.base, request.target, varies)
        file = self._directory / f"{hash(key):x}"
        if not file.exists():
            with tempfile.NamedTemporaryFile(dir=self._directory, delete=False) as part:
                pickle.dump(self._made(request, ()), part)
            Path(part.name).replace(file)
        kept: Answer = pickle.loads(file.read_bytes())
        return kept


Hideable = TypeVar("Hideable", Dataset, Reuse)


def _visible(record: Hideable | None, gone: str) -> Hideable:
    if record is None or record.state is State.PRIVATE:
        raise missing()
    if record.state is State.DELETED:
        raise Refused(410, {"message": gone})
    return record


def _positive(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        problem = f"Invalid {name}: {text}. {name} must be a positive integer"
        raise Refused(400, {"errors": {name: problem}, "message": "Input payload validation failed"})
    return int(text)
