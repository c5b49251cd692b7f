"""Turns into another program that does not outlive the process it was started by (on Linux).

    python -I -S launch.py IDENTITY SIGNAL PARENT PROGRAM [ARGUMENT ...]

A program of its own rather than Popen's `preexec_fn`: that one runs Python in a forked child of a
process with threads, which may deadlock, and Python 3.12 warns of it. It imports next to nothing,
so that it costs some 15 ms. The kernel watches the thread that called Popen, not its process.
"""

import ctypes
import os
import pwd
import signal
import sys
from pathlib import Path

LINUX = sys.platform == "linux"
AS_US, AS_NOBODY, AS_NOBODY_INSIDE = "as-us", "as-nobody", "as-nobody-inside"
CLONE_NEWUSER = 0x10000000  # linux/sched.h
PR_SET_PDEATHSIG = 1  # linux/prctl.h


def command(identity: str, how: signal.Signals = signal.SIGINT) -> list[str]:
    """What to put before a program and its arguments, to have it so started, and ended, by us."""
    return [sys.executable, "-I", "-S", __file__, identity, str(int(how)), str(os.getpid())]


def die_with(parent: int, how: signal.Signals) -> None:
    """Have the kernel send us the signal `how` when the process `parent`, ours, has ended."""
    if LINUX:
        _libc().prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it was gone before the kernel knew whom to watch
            sys.exit(1)


def _become_nobody() -> None:
    nobody = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)


def _look_like_nobody() -> None:
    """A user namespace of its own, in which our root bears nobody's number; files stay root's."""
    nobody = pwd.getpwnam("nobody").pw_uid
    libc = _libc()
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWUSER)")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{nobody} 0 1\n")
    Path("/proc/self/gid_map").write_text(f"{nobody} 0 1\n")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def main() -> None:
    identity, how, parent, program, *arguments = sys.argv[1:]
    if identity == AS_NOBODY:
        _become_nobody()
    elif identity == AS_NOBODY_INSIDE:
        _look_like_nobody()
    # Last: a change of identity makes the kernel forget it.
    die_with(int(parent), signal.Signals(int(how)))
    os.execv(program, [program, *arguments])  # noqa: S606  # no shell is what we want


if __name__ == "__main__":
    main()
