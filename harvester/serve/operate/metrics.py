"""What a monitor may know of the server, for Prometheus (https://prometheus.io/docs/practices/naming/)."""

from collections.abc import Callable, Iterator
from itertools import accumulate

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from harvester import __version__
from harvester.serve.core.engine import Edition, Engine
from harvester.serve.core.serving import serving_of
from harvester.workers.tally import BOUNDS, Tally


class Metrics:
    """Counts requests, and tells of the engine when asked."""

    def __init__(self, engine: Engine) -> None:
        disable_created_metrics()
        self._registry = CollectorRegistry()
        self._registry.register(_Readings(engine))
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "harvester_http_requests",
            "Requests answered; status 499: the client left first",
            ["route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "harvester_http_request_duration_seconds",
            "Time from a request to the end of its answer",
            ["route"],
            buckets=BOUNDS,
            registry=self._registry,
        )
        self._known: dict[tuple[str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request. `route` is the pattern of an address, of which there are few."""
        children = self._known.get((route, status))
        if children is None:  # the library takes twice as long to find them
            counter, histogram = self._requests.labels(route, status), self._seconds.labels(route)
            children = self._known[route, status] = (counter.inc, histogram.observe)
        inc, observe = children
        inc()
        observe(seconds)

    def text(self) -> bytes:
        """Return all of it in the text format."""
        return generate_latest(self._registry)


class _Readings(Collector):
    """Reads what the engine, its pool and its cache know at the moment of a scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        engine = self._engine
        yield InfoMetricFamily("harvester_build", "The program", {"version": __version__})
        answers = {"cache": engine.hits, "shared": engine.shared, "worker": engine.evaluated}
        yield _counters("harvester_answers", "Answers by where they came from", "source", answers)
        yield from _tasks(engine.tally)
        edition = engine.edition
        up_to_date = edition is not None and not engine.trouble
        yield GaugeMetricFamily("harvester_up_to_date", "1 if what is published is served", int(up_to_date))
        if edition:
            yield from _edition(edition)


def _tasks(tally: Tally) -> Iterator[Metric]:
    yield CounterMetricFamily("harvester_workers_started", "Processes started", tally.started)
    yield _counters("harvester_tasks", "Tasks by what ended them", "outcome", tally.outcomes)
    bounds = [*map(str, BOUNDS), "+Inf"]
    yield HistogramMetricFamily(
        "harvester_task_duration_seconds",
        "Time that a task held its process, sending included",
        list(zip(bounds, accumulate(tally.within), strict=True)),
        tally.seconds,
    )


def _edition(edition: Edition) -> Iterator[Metric]:
    pool, cache = edition.pool, edition.cache
    states = GaugeMetricFamily("harvester_workers", "Processes by what they do", labels=["state"])
    for state, number in (("idle", pool.idle), ("quick", pool.busy - pool.slow), ("slow", pool.slow)):
        states.add_metric([state], number)
    yield states
    yield GaugeMetricFamily("harvester_tasks_waiting", "Tasks that wait for a process", pool.queued)
    yield GaugeMetricFamily("harvester_cache_bytes", "Memory taken by answers kept", cache.currsize)
    yield GaugeMetricFamily("harvester_cache_answers", "Answers kept", len(cache))
    created = edition.generation.created.timestamp()
    name = "harvester_generation_created_timestamp_seconds"
    yield GaugeMetricFamily(name, "When the catalogue served was published", created)


def _counters(name: str, text: str, label: str, numbers: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, number in numbers.items():
        family.add_metric([value], number)
    return family


async def metrics(request: Request) -> Response:
    """Answer a scrape."""
    if not serving_of(request).settings.metrics:
        raise HTTPException(404)
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)


ROUTES = [Route("/metrics", metrics)]
