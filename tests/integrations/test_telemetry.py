"""Spans go where OpenTelemetry's variables say; gauges are looked up when asked for."""

import pytest
from prometheus_client import REGISTRY

from integrations import telemetry
from integrations.telemetry import Gauges

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    "environment",
    [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, ENDPOINT | {"OTEL_SDK_DISABLED": "true"}],
)
def test_without_a_place_to_go_there_are_no_spans(monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert telemetry.tracing() is None


def test_a_gauge_is_looked_up_when_it_is_asked_for_and_only_meanwhile():
    values = {"idle": 3.0, "used": 1.0}

    with Gauges({("test_gauge", "Of this test."): lambda: values}):
        assert REGISTRY.get_sample_value("test_gauge", {"of": "idle"}) == 3
        values["idle"] = 2
        assert REGISTRY.get_sample_value("test_gauge", {"of": "idle"}) == 2

    assert REGISTRY.get_sample_value("test_gauge", {"of": "idle"}) is None
