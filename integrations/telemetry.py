"""What watches the server: where spans go, and the numbers that are looked up when asked for."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from opentelemetry import trace
from prometheus_client import REGISTRY, Counter, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each number
_WANTED = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PATIENCE = 3  # seconds, for what is still to be sent when the server ends

LAG = Histogram(
    "healthmed_event_lag_seconds",
    "From the transaction's beginning to this process's reading of its event.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)

PROMISES = Counter(
    "healthmed_promises",
    "What service levels count (docs/operations.md): requests of appointments, answers to them,"
    " deliveries of events; and whether each came in time and without a fault of ours.",
    ["of", "kept"],
)
ANSWERED_WITHIN, HEARD_WITHIN = 1.0, 2.0  # seconds
for of in ("request", "answer", "delivery"):
    for kept in ("yes", "no"):
        PROMISES.labels(of, kept)  # a share of nothing is none, and not unknown


def answered(of: str, seconds: float, *, faulty: bool) -> None:
    """`of`: request or answer."""
    kept = seconds <= ANSWERED_WITHIN and not faulty
    PROMISES.labels(of, "yes" if kept else "no").inc()


def heard(lag: float) -> None:
    """An event, so many seconds after its transaction began."""
    LAG.observe(lag)
    PROMISES.labels("delivery", "yes" if lag <= HEARD_WITHIN else "no").inc()


def tracing() -> "TracerProvider | None":
    """Spans go where OpenTelemetry's own environment variables say; None if they say nowhere.

    What they say of sampling, batches, headers and the resource is heeded by its SDK.
    """
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if not any(os.environ.get(name) for name in _WANTED):
        return None
    # Three tenths of a second that no start without spans has to pay.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "healthmed")}
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=_PATIENCE)))
    trace.set_tracer_provider(provider)
    return provider


class Gauges(Collector):
    """Numbers that are looked up when they are asked for, while it is entered.

    By name and help: the values by what they are of.
    """

    def __init__(self, told: Mapping[tuple[str, str], Callable[[], Mapping[str, float]]]) -> None:
        self._told = told

    def __enter__(self) -> None:
        REGISTRY.register(self)

    def __exit__(self, *_: object) -> None:
        REGISTRY.unregister(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: several servers in one process, as in tests, may have the same."""
        return ()

    def collect(self) -> Iterable[Metric]:
        for (name, help_), look_up in self._told.items():
            family = GaugeMetricFamily(name, help_, labels=["of"])
            for of, value in look_up().items():
                family.add_metric([of], value)
            yield family
