"""Traces of requests for an OpenTelemetry collector: off unless the settings name one, and never an address, a query or a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pilah_api.permissions import find_rule
from pilah_api.request_log import NO_ROUTE
from pilah_api.settings import Settings
from pilah_api.versions import pilah_version
from pilah_data.errors import MissingExtraError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Tracer

_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Telemetry:
    """A tracer, and what sends off the rest of its spans at the end."""

    tracer: Tracer
    close: Callable[[], None]


def open_telemetry(settings: Settings, exporter: SpanExporter | None = None) -> Telemetry | None:
    """Return where spans go, or None if the settings name no collector. Raises MissingExtraError, naming the install line."""
    if settings.otel_endpoint is None and exporter is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("otel", str(error.name)) from error
    found = exporter or OTLPSpanExporter(f"{settings.otel_endpoint}/v1/traces", timeout=_SECONDS)
    provider = TracerProvider(
        resource=Resource({"service.name": "pilah", "service.version": pilah_version()}), shutdown_on_exit=False
    )
    provider.add_span_processor(BatchSpanProcessor(found))
    return Telemetry(provider.get_tracer("pilah"), provider.shutdown)


class Tracing:
    """Makes one span of every request, as a child of the caller's if the request names one (traceparent)."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry):
        self.app = app
        self.tracer = telemetry.tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on within its span."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, StatusCode  # noqa: PLC0415 - an extra
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415

        rule = find_rule(scope["method"], scope["path"])
        route = rule.path if rule else NO_ROUTE
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with self.tracer.start_as_current_span(
            f"{scope['method']} {route}",
            context=TraceContextTextMapPropagator().extract(carrier),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": scope["method"], "http.route": route},
            record_exception=False,
        ) as span:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            await self.app(scope, receive, noting)
