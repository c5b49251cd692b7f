"""What every thing with an id has in common."""

from typing import TypeVar

import strawberry

T = TypeVar("T")


@strawberry.interface(description="A thing with an id, by which `node` finds it again.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, the same for ever.")


def must(found: T | None) -> T:
    """What a foreign key points to."""
    if found is None:
        raise LookupError("a row that another one points to is gone")
    return found
