"""What `/metrics` shows: counts and times with few, fixed labels; never a text, an address or a caller."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from pilah_api.versions import pilah_version
from pilah_data.taxonomy import Decision
from pilah_model.judgement import Judgement, ModelInfo

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_WAIT_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_MODEL_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0)
_BATCH_POSTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The measurements of one application."""

    def __init__(self) -> None:
        """Begin at zero; every decision shows from the start."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter began doubles the answer, and nobody here asks for it
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "pilah_http_requests", "Requests answered.", ("method", "route", "status"), registry=registry
        )
        self._latency = Histogram(
            "pilah_http_request_seconds",
            "From a request's head to the end of its answer.",
            ("route", "status_class"),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._problems = Counter(
            "pilah_refusals", "Requests that ended in a problem, by its kind.", ("problem",), registry=registry
        )
        self._decisions = Counter("pilah_decisions", "Posts judged, by decision.", ("decision",), registry=registry)
        self._batch = Histogram(
            "pilah_batch_posts", "Posts given to the model at once.", buckets=_BATCH_POSTS, registry=registry
        )
        self._wait = Histogram(
            "pilah_queue_wait_seconds",
            "How long requests waited for the model.",
            buckets=_WAIT_SECONDS,
            registry=registry,
        )
        self._model = Histogram(
            "pilah_model_seconds", "How long the model took for a batch.", buckets=_MODEL_SECONDS, registry=registry
        )
        self._queued = Gauge("pilah_queue_posts", "Posts that wait for the model.", registry=registry)
        self._expected = Gauge(
            "pilah_queue_expected_wait_seconds", "How long a new request is expected to wait.", registry=registry
        )
        self._judges = Gauge(
            "pilah_judge_processes", "Judge processes that live; 0 if the server's own judges.", registry=registry
        )
        self._drift = Gauge(
            "pilah_score_drift_index",
            "Population stability index of the latest scores against the model's reference; NaN below 200 posts.",
            registry=registry,
        )
        self._build = Gauge(
            "pilah_build_info",
            "Always 1; the labels say what runs.",
            ("version", "model", "model_version", "engine", "taxonomy"),
            registry=registry,
        )
        self._counted: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._by_decision = {decision: self._decisions.labels(decision.value) for decision in Decision}
        self._note_scores: Callable[[Sequence[Judgement]], None] = lambda _: None

    def answered(self, method: str, route: str, status: int, seconds: float, problem: str | None) -> None:
        """Count a request; `route` is a template of the table of permissions, never an address."""
        counted = self._counted.get((method, route, status))
        if counted is None:
            known = method if method in _METHODS else "other"
            counted = (
                self._requests.labels(known, route, str(status)),
                self._latency.labels(route, f"{status // 100}xx"),
            )
            if known == method:  # else whoever invents methods would fill the memory
                self._counted[method, route, status] = counted
        counted[0].inc()
        counted[1].observe(seconds)
        if problem is not None:
            self._problems.labels(problem).inc()

    def waited(self, seconds: float) -> None:
        """Note how long a request waited for the model."""
        self._wait.observe(seconds)

    def batch(self, posts: int, seconds: float) -> None:
        """Note how many posts were judged at once, and how long the model took."""
        self._batch.observe(posts)
        self._model.observe(seconds)

    def judged(self, judgements: Sequence[Judgement]) -> None:
        """Count decisions."""
        for judgement in judgements:
            self._by_decision[judgement.decision].inc()
        self._note_scores(judgements)

    def describe(self, model: ModelInfo) -> None:
        """Say which model runs, and no longer which one ran before."""
        self._build.clear()
        self._build.labels(pilah_version(), model.name, model.version, model.engine, model.taxonomy).set(1)

    def follow(
        self,
        *,
        queued: Callable[[], float],
        expected_wait: Callable[[], float],
        judges: Callable[[], float],
        note_scores: Callable[[Sequence[Judgement]], None],
        drift: Callable[[], float],
    ) -> None:
        """Ask for the state of queue and scores whenever the measurements are read."""
        self._queued.set_function(queued)
        self._expected.set_function(expected_wait)
        self._judges.set_function(judges)
        self._drift.set_function(drift)
        self._note_scores = note_scores

    def render(self) -> bytes:
        """Return the measurements in the text format of Prometheus."""
        return generate_latest(self._registry)
