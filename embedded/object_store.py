"""Which object store a run has: one that is named, SeaweedFS of its own, or a folder."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from embedded import seaweed
from embedded.folder import Folder
from embedded.seaweed import Seaweed

NAMED_BY = ("HEALTHMED_S3_BUCKET", "HEALTHMED_OBJECT_FOLDER")


def is_ours(environment: Mapping[str, str]) -> bool:
    """Whether one is to be started: none is named, and there is a wheel for this machine."""
    return not _is_named(environment) and seaweed.find() is not None


@contextmanager
def begun(folder: Folder, environment: Mapping[str, str]) -> Iterator[Seaweed | None]:
    """Whoever needs it waits for it: meanwhile other things start."""
    if not is_ours(environment):
        yield None
        return
    store = Seaweed(folder.s3)
    try:
        store.begin()
        yield store
    finally:
        store.stop()


def settings(
    folder: Folder, environment: Mapping[str, str], store: Seaweed | None
) -> dict[str, str]:
    """The server's, as its environment has them. A folder is no place for production."""
    if store is not None:
        return store.settings()
    if _is_named(environment) or environment.get("HEALTHMED_ENVIRONMENT") == "production":
        return {}
    return {"HEALTHMED_OBJECT_FOLDER": str(folder.objects)}


def _is_named(environment: Mapping[str, str]) -> bool:
    return any(environment.get(name) for name in NAMED_BY)
