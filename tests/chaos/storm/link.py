"""A network between servers and their Postgres, of which each server's cable can be pulled."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded.postgres import PORT

_PATH = "/usr/sbin:/sbin:/usr/bin:/bin"
IP, SS = shutil.which("ip", path=_PATH), shutil.which("ss", path=_PATH)  # of one package
CLONE_NEWNET = 0x40000000  # linux/sched.h
NETWORK = "198.18.0.0/16"  # nobody's, for tests of networks: RFC 2544


@dataclass(frozen=True)
class Link:
    """A pair of interfaces, one of which is in Postgres' namespace."""

    namespace: str
    number: int

    @property
    def address(self) -> str:
        """Where the server that has this link finds Postgres."""
        return f"198.18.{self.number}.2"

    @property
    def _name(self) -> str:
        return f"{self.namespace}n{self.number}"

    def lay(self) -> None:
        near, far = self._name, f"{self._name}p"
        _ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", self.namespace)
        _ip("address", "add", f"198.18.{self.number}.1/30", "dev", near)
        _ip("link", "set", near, "up")
        _ip("-n", self.namespace, "address", "add", f"{self.address}/30", "dev", far)
        self.mend()

    def remove(self) -> None:
        _ip("link", "delete", self._name)

    def pull(self) -> None:
        """Nothing arrives any more, at either end, and no connection is told of it."""
        _ip("-n", self.namespace, "link", "set", f"{self._name}p", "down")

    def held_open(self) -> list[str]:
        """Connections over it, as this end has them."""
        assert SS is not None
        asked = (SS, "-Htn", "state", "established", "dst", self.address)
        told = subprocess.run(asked, capture_output=True, text=True, check=True)
        return told.stdout.splitlines()

    def mend(self) -> None:
        _ip("-n", self.namespace, "link", "set", f"{self._name}p", "up")


@dataclass(frozen=True)
class Apart:
    """A network namespace."""

    name: str
    links: list[Link]

    def settings(self, folder: Path) -> dict[str, str]:
        """For a Postgres that is to be reached by all links."""
        file = folder / "hba"
        file.write_text(f"local all all trust\nhost all all {NETWORK} trust\n")
        addresses = ",".join(link.address for link in self.links)
        return {"listen_addresses": addresses, "hba_file": str(file)}

    def urls(self, database: str, user: str) -> list[str]:
        """By which servers find it, one for each link."""
        return [f"postgresql://{user}@{link.address}:{PORT}/{database}" for link in self.links]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Whatever this thread starts meanwhile lives in there."""
        with (
            Path("/proc/self/ns/net").open() as ours,
            Path(f"/run/netns/{self.name}").open() as theirs,
        ):
            _move_to(theirs.fileno())
            try:
                yield
            finally:
                _move_to(ours.fileno())


@contextmanager
def apart(links: int) -> Iterator[Apart]:
    """With so many links to it. Skips the test where nobody lets us make one."""
    if IP is None:
        pytest.skip("there is no ip here (Debian's iproute2) to make networks with")
    name = f"hm{os.getpid()}"
    with ExitStack() as stack:
        try:
            _ip("netns", "add", name)
            stack.callback(_ip, "netns", "delete", name)
            it = Apart(name, [Link(name, number) for number in range(links)])
            for link in it.links:
                link.lay()
                stack.callback(link.remove)  # the namespace may live on for what was left open
        except subprocess.CalledProcessError as refused:
            pytest.skip(f"only root, with CAP_SYS_ADMIN, may make networks: {refused.stderr!r}")
        yield it


def _ip(*arguments: str) -> None:
    assert IP is not None
    subprocess.run([IP, *arguments], capture_output=True, check=True)


def _move_to(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
