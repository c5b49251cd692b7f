"""The machine: which core runs what, what a process has used of it, and what else was going on.

Of Linux alone: it reads /proc.
"""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")
_TICK = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12  # fields of /proc/PID/stat after the name


def two_cores() -> tuple[int, int]:
    """One for the server that is measured, one for everything else."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:  # noqa: PLR2004
        sys.exit("Two cores are needed: one for the server that is measured, one for its clients.")
    return cores[0], cores[1]


@contextmanager
def started_on(core: int) -> Iterator[None]:
    """What this thread starts meanwhile begins on this core, and stays there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def move(pid: int, core: int) -> None:
    """A process that runs already, with all its threads."""
    for task in (PROC / str(pid) / "task").iterdir():
        os.sched_setaffinity(int(task.name), {core})


def descendants(pid: int) -> list[int]:
    """Of this process, not itself."""
    parents = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal() and (stat := _stat(int(folder.name))):
            parents[int(folder.name)] = int(stat[_PARENT])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each]
    return found[1:]


def command_of(pid: int) -> str:
    try:
        return (PROC / str(pid) / "cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def cpu_seconds(*pids: int) -> float:
    """That they have used so far; of one that has ended, none."""
    stats = [stat for pid in pids if (stat := _stat(pid))]
    return sum(int(stat[_USER]) + int(stat[_SYSTEM]) for stat in stats) / _TICK


def thread_seconds(pid: int) -> float:
    """That the main thread has used so far: finer than the ticks of `cpu_seconds`."""
    return int((PROC / str(pid) / "schedstat").read_text().split()[0]) / 1e9


def own_seconds() -> float:
    """That this process and all it has started have used, those that have ended too."""
    return family_seconds(os.getpid())


def family_seconds(pid: int) -> float:
    """That a process and all it has started have used, those that have ended too."""
    stats = [stat for each in (pid, *descendants(pid)) if (stat := _stat(each))]
    # With those that each of them has had and outlived, as PostgreSQL has those who served a
    # connection that is closed.
    return sum(int(each) for stat in stats for each in stat[_USER : _USER + 4]) / _TICK


def busy_seconds() -> float:
    """Of all cores together, since the start of the machine."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, (PROC / "stat").read_text().partition("\n")[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / _TICK


def memory_kib(pid: int) -> int:
    """Pss: what it has alone, and its share of what it has with others."""
    rolled = (PROC / str(pid) / "smaps_rollup").read_text()
    [line] = [line for line in rolled.splitlines() if line.startswith("Pss:")]
    return int(line.split()[1])


def told() -> str:
    """As a reader needs it to judge figures by."""
    cpu = (PROC / "cpuinfo").read_text()
    models = {line.partition(":")[2].strip() for line in cpu.splitlines() if "model name" in line}
    cores = len(os.sched_getaffinity(0))
    model = models.pop() if len(models) == 1 else platform.machine()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{model}, {cores} cores, {pages / 2**30:.0f} GiB, Linux {platform.release()}"


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may have blanks in it; none if the process has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
