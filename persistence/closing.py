"""What an act leaves besides what it was about: the answer under its key, entries of the audit log,
events. They are written as it ends and by one statement, for each more would be another way to
Postgres and back, in every act.
"""

from collections.abc import Sequence

from domain.auth import Action, Viewer
from domain.events import Event, Position
from persistence import answers, audit, event_log
from persistence.answers import Given
from persistence.database import Connection, rows_of


def _as_one() -> str:
    first, texts = 1, list[str]()
    for part in (answers, audit, event_log):
        texts.append(part.STORE.format(rows_of(part.TYPES, first=first)))
        first += len(part.TYPES)
    kept, entered, told = texts
    return f"WITH kept AS ({kept}), entered AS ({entered}) {told}"


_CLOSE = _as_one()


async def store(
    connection: Connection,
    *,
    given: Sequence[Given] = (),
    entries: Sequence[tuple[Viewer, Action]] = (),
    told: Sequence[Event] = (),
) -> Sequence[Position]:
    """The places of the events in their log."""
    if not (given or entries or told):
        return ()
    records = await connection.fetch(
        _CLOSE, *answers.columns(given), *audit.columns(entries), *event_log.columns(told)
    )
    return event_log.positions(records)
