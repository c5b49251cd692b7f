"""Strawberry as its documentation has it: its own ASGI application, resolvers, DataLoaders."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

OPEN = "(slot.status = 'OPEN' OR slot.lapses_at <= now())"
DOCTORS = "SELECT id, name, crm, uf, city, rating_count, rating_sum FROM doctor"
BY_SPECIALTY = f"""{DOCTORS} JOIN doctor_specialty AS listed ON doctor.id = listed.doctor_id
WHERE listed.code = $1 AND doctor.status = 'VERIFIED'
ORDER BY listed.rating_order, listed.doctor_id LIMIT $2"""
NEXT_SLOTS = f"""
SELECT doctor.id AS doctor_id, next.* FROM unnest((SELECT $1::uuid[])) AS doctor (id)
CROSS JOIN LATERAL (SELECT id, starts_at, ends_at,
    CASE WHEN slot.lapses_at <= now() THEN 'OPEN' ELSE slot.status END AS status FROM slot
  WHERE slot.doctor_id = doctor.id AND slot.starts_at > now() AND {OPEN}
  ORDER BY slot.starts_at LIMIT $2) AS next"""

Row: TypeAlias = Any
pool: Any = None


class WithLoaders(GraphQL[dict[str, Any], None]):
    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        return {"request": request, "response": response, "slots": DataLoader(load_fn=next_slots)}


@strawberry.type
class Slot:
    row: strawberry.Private[Row]

    @strawberry.field
    def id(self) -> strawberry.ID:
        return strawberry.ID(f"slot_{self.row['id']}")

    @strawberry.field
    def starts_at(self) -> datetime:
        return self.row["starts_at"]  # type: ignore[no-any-return]

    @strawberry.field
    def ends_at(self) -> datetime:
        return self.row["ends_at"]  # type: ignore[no-any-return]

    @strawberry.field
    def status(self) -> str:
        return self.row["status"]  # type: ignore[no-any-return]


@strawberry.type
class Rating:
    average: float | None
    count: int


@strawberry.type
class Doctor:
    uuid: strawberry.Private[UUID]
    id: strawberry.ID
    name: str
    crm: str
    uf: str
    city: str | None
    rating: Rating

    @strawberry.field
    async def next_slots(
        self, info: strawberry.Info[dict[str, Any], None], first: int = 5
    ) -> list[Slot]:
        loader: DataLoader[tuple[UUID, int], list[Slot]] = info.context["slots"]
        return await loader.load((self.uuid, first))


@strawberry.type
class DoctorConnection:
    nodes: list[Doctor]


@strawberry.input
class DoctorFilter:
    specialty: str


@strawberry.type
class Query:
    @strawberry.field
    async def node(self, id: strawberry.ID) -> Doctor | None:
        found = f"{DOCTORS} WHERE id = $1 AND status = 'VERIFIED'"
        row = await pool.fetchrow(found, UUID(id.partition("_")[2]))
        return doctor(row) if row else None

    @strawberry.field
    async def doctors(self, filter: DoctorFilter, first: int = 20) -> DoctorConnection:
        rows = await pool.fetch(BY_SPECIALTY, filter.specialty, first)
        return DoctorConnection(nodes=[doctor(row) for row in rows])


async def next_slots(keys: list[tuple[UUID, int]]) -> list[list[Slot]]:
    """All keys have one number of slots, for they come from one field."""
    found: dict[UUID, list[Slot]] = {id: [] for id, _ in keys}
    for row in await pool.fetch(NEXT_SLOTS, list(found), keys[0][1]):
        found[row["doctor_id"]].append(Slot(row=row))
    return [found[id] for id, _ in keys]


def doctor(row: Row) -> Doctor:
    count = row["rating_count"]
    return Doctor(
        uuid=row["id"],
        id=strawberry.ID(f"doctor_{row['id']}"),
        name=row["name"],
        crm=row["crm"],
        uf=row["uf"],
        city=row["city"],
        rating=Rating(average=row["rating_sum"] / count if count >= 5 else None, count=count),  # noqa: PLR2004
    )


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    global pool  # noqa: PLW0603
    pool = await asyncpg.create_pool(
        max_size=int(os.environ["PEER_CONNECTIONS"]),
        server_settings={"jit": "off", "random_page_cost": "1.1"},  # as PGOPTIONS tells the others
    )
    yield
    pool.terminate()


def main() -> None:
    served = WithLoaders(strawberry.Schema(Query), graphql_ide=None)
    app = Starlette(lifespan=lifespan, routes=[Route("/graphql", served)])
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        config = uvicorn.Config(app, log_level="warning", access_log=False)
        print(f"port {listener.getsockname()[1]}", flush=True)
        asyncio.run(uvicorn.Server(config).serve([listener]))


if __name__ == "__main__":
    main()
