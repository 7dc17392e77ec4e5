"""Traces leave only for a collector that the settings name, and say nothing of addresses, queries and posts."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.middleware import Middleware

from pilah_api.app import create_app
from pilah_api.settings import Settings
from pilah_api.telemetry import Tracing, open_telemetry
from pilah_data.errors import MissingExtraError
from tests.api.stand_in import StandIn

SECRET = "rahasiaku"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_without_a_collector_nothing_is_traced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The framework would send on its own account what no one set up here.
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    assert open_telemetry(Settings()) is None
    app = create_app(Settings(home=tmp_path), StandIn())
    assert not app._native_telemetry.enabled()
    assert app._telemetry["auto_configure"] is False
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        assert client.get("/livez").status_code == 200


def test_a_missing_extra_names_the_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pilah\[otel\]'"):
        create_app(Settings(otel_endpoint="http://127.0.0.1:4318"))


def test_a_span_holds_template_method_and_status_only(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    telemetry = open_telemetry(Settings(), exporter)
    assert telemetry is not None
    app = create_app(Settings(home=tmp_path), StandIn())
    assert isinstance(app, FastAPI)
    app.user_middleware.insert(0, Middleware(Tracing, telemetry=telemetry))
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1)) as client:
        parent = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "user-agent": SECRET}
        client.post(f"/v1/classify?q={SECRET}", json={"texts": [SECRET]}, headers=parent)
        client.get(f"/{SECRET}")
    telemetry.close()
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["POST /v1/classify", "GET (none)"]
    assert dict(spans[0].attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/v1/classify",
        "http.response.status_code": 200,
    }
    assert f"{spans[0].context.trace_id:032x}" == TRACE
    assert not any(SECRET in span.to_json() or "127.0.0.1" in span.to_json() for span in spans)


def test_the_collector_is_told_what_runs(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    telemetry = open_telemetry(dataclasses.replace(Settings(), home=tmp_path), exporter)
    assert telemetry is not None
    telemetry.tracer.start_span("x").end()
    telemetry.close()
    (span,) = exporter.get_finished_spans()
    assert set(span.resource.attributes) == {"service.name", "service.version"}
