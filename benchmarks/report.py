"""What a run tells: medians and ranges, and how this server compares."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.candidates import OURS


@dataclass(frozen=True, kw_only=True)
class Round:
    """`cpu`: microseconds of the server's for a request. `p50`: microseconds. `others`: how many
    cores were busy with what is not of this run.
    """

    per_second: float
    cpu: float
    p50: float
    others: float


@dataclass(frozen=True, kw_only=True)
class Table:
    """`rounds`: of each candidate, this server first. `alone`: p50 with one connection, in
    microseconds, where that was measured.
    """

    workload: str
    title: str
    rounds: Mapping[str, Sequence[Round]]
    alone: Mapping[str, float]

    @property
    def ratios(self) -> dict[str, float]:
        """How many requests this server answers for one of each peer's, by medians."""
        medians = {name: median(rounds) for name, rounds in self.rounds.items()}
        return {name: medians[OURS] / it for name, it in medians.items() if name != OURS}

    @property
    def others(self) -> float:
        return statistics.median(each.others for some in self.rounds.values() for each in some)


def median(rounds: Sequence[Round]) -> float:
    return statistics.median(each.per_second for each in rounds)


def text(table: Table) -> str:
    lines = [f"{table.workload.upper()}: {table.title}"]
    ratios = table.ratios
    for name, rounds in table.rounds.items():
        rates = [each.per_second for each in rounds]
        cpu = statistics.median(each.cpu for each in rounds)
        ratio = f"{ratios[name]:.2f} x" if name in ratios else ""
        alone = f"alone {table.alone[name]:5.0f} µs" if name in table.alone else ""
        lines.append(
            f"  {name:12} {median(rounds):8,.0f}/s ({min(rates):,.0f} to {max(rates):,.0f})"
            f"  cpu {cpu:5.0f} µs  {alone}  {ratio}"
        )
    lines.append(f"  others used {table.others:.2f} cores meanwhile")
    return "\n".join(lines)
