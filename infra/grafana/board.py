"""Writes healthmed.json, Grafana's board of the servers' own numbers, as Prometheus keeps them.

python infra/grafana/board.py            write it
python infra/grafana/board.py --check    change nothing; exit with 1 if it is not as it should be

It has all that servers tell. CloudWatch's board (infra/modules/observability) has balancer,
database and mail, too.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).with_name("healthmed.json")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
OURS = 'job=~"$job",instance=~"$instance"'
MAY_FAIL = 0.001  # infra/modules/observability/slo.tf
WIDTH, HEIGHT, IN_A_ROW = 8, 8, 3

# What is exported and not shown: of Python, not of us.
NOT_SHOWN = (
    *("python_gc_collections_total", "python_gc_objects_collected_total"),
    *("python_gc_objects_uncollectable_total", "python_info"),
    *("process_max_fds", "process_start_time_seconds", "process_virtual_memory_bytes"),
)


class Line(NamedTuple):
    query: str
    legend: str


class Panel(NamedTuple):
    """`unit`: Grafana's name of it. `bound`: drawn in red from there on."""

    title: str
    about: str
    unit: str
    lines: Sequence[Line]
    bound: float | None = None


def rate(metric: str, by: str, **labels: str) -> Line:
    told = "".join(f',{name}=~"{value}"' for name, value in labels.items())
    query = f"sum by ({by}) (rate({metric}{{{OURS}{told}}}[$__rate_interval]))"
    return Line(query, f"{{{{{by}}}}}")


def quantiles(metric: str, by: str = "") -> list[Line]:
    """p50 and p99 of a histogram, over all processes."""
    groups = f"le, {by}" if by else "le"
    rates = f"sum by ({groups}) (rate({metric}_bucket{{{OURS}}}[$__rate_interval]))"
    legend = f" {{{{{by}}}}}" if by else ""
    return [
        Line(f"histogram_quantile({share}, {rates})", f"{name}{legend}")
        for share, name in ((0.5, "p50"), (0.99, "p99"))
    ]


def gauge(metric: str, how: str = "sum") -> Line:
    return Line(f"{how} by (of) ({metric}{{{OURS}}})", "{{of}}")


def burn(window: str) -> list[Line]:
    """How many times faster than it may each level is used up."""
    failed, all_ = (
        f"sum(rate(healthmed_http_responses_total{{{OURS}{status}}}[{window}]))"
        for status in (',status=~"5.."', "")
    )
    broken, made = (
        f"sum by (of) (rate(healthmed_promises_total{{{OURS}{kept}}}[{window}]))"
        for kept in (',kept="no"', "")
    )
    return [
        Line(f"(({failed}) or vector(0)) / ({all_}) / {MAY_FAIL}", "availability"),
        Line(f"({broken}) / ({made}) / {MAY_FAIL}", "{{of}}"),
    ]


ROWS: dict[str, list[Panel]] = {
    "Service levels (docs/operations.md)": [
        Panel("Burn rate, one hour", "1 uses up exactly what may fail.", "none", burn("1h"), 14.4),
        Panel("Burn rate, six hours", "1 uses up exactly what may fail.", "none", burn("6h"), 6),
        Panel("Burn rate, one day", "1 uses up exactly what may fail.", "none", burn("1d"), 3),
    ],
    "What clients see": [
        Panel(
            "Operations", "By what became of them.", "ops",
            [rate("healthmed_operations_total", "outcome")],
        ),
        Panel(
            "Seconds to an answer", "From admission; of subscriptions, to the beginning.", "s",
            quantiles("healthmed_operation_seconds", "type"), 1,
        ),
        Panel("Errors", "By their code.", "ops", [rate("healthmed_errors_total", "code")]),
        Panel(
            "Answers of HTTP", "By status.", "reqps",
            [rate("healthmed_http_responses_total", "status")],
        ),
        Panel(
            "Waiting for a turn", "Of those who had to.", "s", quantiles("healthmed_wait_seconds"),
        ),
        Panel(
            "Turned away", "503, since those before them waited too long.", "reqps",
            [rate("healthmed_shed_total", "instance")],
        ),
    ],
    "Live": [
        Panel("Present", "What is connected or under way.", "none", [gauge("healthmed_present")]),
        Panel(
            "Seconds from an act to who listens", "To this process's reading of the event.", "s",
            quantiles("healthmed_event_lag_seconds"), 2,
        ),
        Panel(
            "Sockets that we closed", "By code.", "ops",
            [rate("healthmed_socket_closes_total", "code")],
        ),
    ],
    "What it hangs on": [
        Panel(
            "Statements", "Seconds, by verb.", "s",
            quantiles("healthmed_statement_seconds", "verb"),
        ),
        Panel(
            "Connections to PostgreSQL", "Of all processes.", "none",
            [gauge("healthmed_database_connections")],
        ),
        Panel(
            "Seconds the replica is behind",
            "By the reckoning of the server that finds it farthest.",
            "s",
            [gauge("healthmed_replica_lag_seconds", "max")],
        ),
        Panel(
            "Documents, and drains", "store: 1 while the bucket answers; server: drains.", "none",
            [gauge("healthmed_objects_reachable", "min"), gauge("healthmed_draining")],
        ),
        Panel(
            "Cores", "Of each process; one is all.", "none",
            [rate("process_cpu_seconds_total", "instance")], 0.8,
        ),
        Panel(
            "Memory", "Of each process.", "bytes",
            [Line(f"process_resident_memory_bytes{{{OURS}}}", "{{instance}}")],
        ),
        Panel(
            "Open files", "Of each process: sockets, mostly.", "none",
            [Line(f"process_open_fds{{{OURS}}}", "{{instance}}")],
        ),
        Panel(
            "Cost of operations", "As in extensions.cost.", "none",
            quantiles("healthmed_operation_cost", "type"),
        ),
    ],
}  # fmt: skip


def drawn(panel: Panel, id: int, place: tuple[int, int]) -> dict[str, Any]:
    colours: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if panel.bound is not None:
        colours.append({"color": "red", "value": panel.bound})
    return {
        "id": id,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.about,
        "datasource": SOURCE,
        "gridPos": {"x": place[0], "y": place[1], "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": {
                    "thresholdsStyle": {"mode": "off" if panel.bound is None else "line"},
                },
                "thresholds": {"mode": "absolute", "steps": colours},
            },
            "overrides": [],
        },
        "options": {"tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": SOURCE,
                "expr": line.query,
                "legendFormat": line.legend,
            }
            for number, line in enumerate(panel.lines)
        ],
    }


def variable(name: str, of: str) -> dict[str, Any]:
    query = f"label_values({of}, {name})"
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
    }


def board() -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS.items():
        at = {"x": 0, "y": y, "w": WIDTH * IN_A_ROW, "h": 1}
        head = {"id": len(panels) + 1, "type": "row", "title": title, "gridPos": at, "panels": []}
        panels.append(head)
        y += 1
        for number, panel in enumerate(row):
            place = (number % IN_A_ROW * WIDTH, y + number // IN_A_ROW * HEIGHT)
            panels.append(drawn(panel, len(panels) + 1, place))
        y += -(-len(row) // IN_A_ROW) * HEIGHT
    source = {"name": "datasource", "type": "datasource", "query": "prometheus"}
    return {
        "uid": "healthmed",
        "title": "Health&Med",
        "tags": ["healthmed"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {
            "list": [
                source,
                variable("job", "healthmed_present"),
                variable("instance", 'healthmed_present{job=~"$job"}'),
            ]
        },
        "panels": panels,
    }


def main() -> None:
    text = json.dumps(board(), indent=2) + "\n"
    if "--check" in sys.argv:
        sys.exit(0 if FILE.read_text() == text else f"{FILE.name} is not as board.py makes it")
    FILE.write_text(text)


if __name__ == "__main__":
    main()
