"""The main job, shown on a running server: `python -m embedded.demo`.

A patient finds a doctor, holds one of her times, requests it; the doctor accepts; both hear of it,
and so does an onlooker who is not signed in. All of it goes through the public API, as from any
client. At the end, and if it is interrupted, all is as it was; a run that was killed is tidied up
by the next.
"""

import argparse
import asyncio
import math
import sys
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from embedded import documents
from embedded.callers import PATIENCE, Answer, Caller, Event, Fault, Feed, Json, Refused, listening
from embedded.stage import (
    Lane,
    Note,
    Stage,
    Timing,
    after_the_answer,
    does,
    hears,
    milliseconds,
    sees,
    summary,
)

PASSWORD = "saude-demo-2026"  # noqa: S105  # in the README, for everybody
PATIENT = {"email": "ana@example.com", "cpf": "529.982.247-25", "password": PASSWORD}
DOCTOR = {"crm": "123456", "uf": "SP", "password": PASSWORD}
SAO_PAULO = {"latitude": -23.5505, "longitude": -46.6333}
REASON = "Palpitations (./dev demo)"  # by it the demo knows what is its own
JUSTIFICATION = "The demo is over."
WITHIN = 0.250  # seconds from an act's answer to the last who hears of it
LEAD = timedelta(hours=1)  # a time that is too near could begin in the middle of the demo
AGENDA = timedelta(days=62)  # the longest range of a doctor's own slots
IDS_AT_ONCE = 100
ANOTHER_TIME = {"SLOT_TAKEN", "SLOT_IN_PAST", "PATIENT_BUSY"}


class Story:
    """The steps, in their order."""

    def __init__(self, url: httpx.URL, pace: float, callers: Mapping[Lane, Caller]) -> None:
        self._url, self._pace, self._callers = url, pace, callers
        self._stage = Stage()
        self._timings: list[Timing] = []
        self._feeds: dict[Lane, Feed] = {}
        self._doctor: Json = {}
        self._slot: Json = {}

    async def tell(self) -> None:
        """Leaves nothing behind, however it ends."""
        await self._sign_in()
        try:
            await self._tidy_up()
            async with AsyncExitStack() as stack:
                await self._listen(stack)
                await self._search()
                appointment_id = await self._book()
                await self._accept(appointment_id)
                await self._look_again()
                await self._cancel(appointment_id)
        except BaseException:
            with suppress(Fault, httpx.TransportError):
                await self._tidy_up()
            raise

    def conclude(self) -> str | None:
        """Show what was measured. Returns what is wrong with it, if anything is."""
        self._stage.timings(self._timings, within=WITHIN)
        count, middle, greatest = summary(self._timings)
        figures = f"median {milliseconds(middle)}, worst {milliseconds(greatest)}"
        if greatest > WITHIN:
            return f"Not all {count} events came within {WITHIN * 1000:.0f} ms: {figures}."
        self._stage.line()
        self._stage.line(
            f"All {count} events came within {WITHIN * 1000:.0f} ms: {figures}.", "bold green"
        )
        return None

    async def _sign_in(self) -> None:
        patient, of_patient = await self._session(Lane.PATIENT, documents.SIGN_IN_PATIENT, PATIENT)
        doctor, of_doctor = await self._session(Lane.DOCTOR, documents.SIGN_IN_DOCTOR, DOCTOR)
        self._doctor = doctor["doctor"]
        self._stage.open(
            {
                Lane.PATIENT: (patient["patient"]["name"], "patient"),
                Lane.DOCTOR: (
                    self._doctor["name"],
                    f"doctor, CRM {self._doctor['crm']} {self._doctor['uf']}",
                ),
                Lane.ONLOOKER: ("Onlooker", "anonymous"),
            }
        )
        self._stage.line(f"Times are those of {self._doctor['timeZone']}, where the doctor is.")
        self._stage.step("Both sign in")
        await self._show(
            {
                Lane.PATIENT: does("signInPatient", _answered(of_patient)),
                Lane.DOCTOR: does("signInDoctor", _answered(of_doctor)),
            }
        )

    async def _session(self, lane: Lane, document: str, who: Json) -> tuple[Json, Answer]:
        try:
            answer = await self._callers[lane].act(document, **who)
        except Refused as refusal:
            if refusal.code != "INVALID_CREDENTIALS":
                raise
            raise Fault(
                f"The server at {self._url} has no demo accounts;"
                " ./dev run loads them at its first start, unless it is told --empty."
            ) from None
        session = answer.fields["session"]
        self._callers[lane].token = session["accessToken"]
        return session["viewer"], answer

    async def _tidy_up(self) -> None:
        """Give back what a demo has held or booked: this one, or one that was killed."""
        patient, doctor = self._callers[Lane.PATIENT], self._callers[Lane.DOCTOR]
        now = datetime.now(UTC)
        held = await doctor.ask(
            documents.HELD_SLOTS, **{"from": _instant(now), "to": _instant(now + AGENDA)}
        )
        ids = [slot["id"] for slot in held.fields["viewer"]["slots"]]
        holds = (await patient.ask(documents.WHOSE_HOLDS, ids=ids[:IDS_AT_ONCE])).fields["nodes"]
        own_holds = [slot for slot in holds if slot and slot["holdExpiresAt"]]
        own_appointments = [own for own in await self._appointments() if own["reason"] == REASON]
        for slot in own_holds:
            with suppress(Refused):  # it has just run out
                await patient.act(documents.RELEASE, slotId=slot["id"])
        for own in own_appointments:
            with suppress(Refused):  # somebody was first
                await patient.act(
                    documents.CANCEL, appointmentId=own["id"], justification=JUSTIFICATION
                )
        if own_holds or own_appointments:
            found = f"{len(own_holds)} held and {len(own_appointments)} booked"
            self._stage.step("What a demo had left behind is given back")
            await self._show({Lane.PATIENT: does("releaseSlot, cancelAppointment", found)})

    async def _appointments(self) -> list[Json]:
        """The patient's, of now and later; no more than a hundred are seen."""
        answer = await self._callers[Lane.PATIENT].ask(documents.OWN_APPOINTMENTS)
        nodes: list[Json] = answer.fields["viewer"]["appointments"]["nodes"]
        return nodes

    async def _listen(self, stack: AsyncExitStack) -> None:
        """From a position on that is read beforehand, so that nothing falls between."""
        answer = await self._callers[Lane.ONLOOKER].ask(documents.CURSOR)
        after: Json = {"after": answer.fields["eventCursor"]}
        subscriptions = {
            Lane.PATIENT: (documents.APPOINTMENT_CHANGES, after),
            Lane.DOCTOR: (documents.APPOINTMENT_CHANGES, after),
            Lane.ONLOOKER: (documents.SLOT_CHANGES, after | {"doctorIds": [self._doctor["id"]]}),
        }
        for lane, (document, variables) in subscriptions.items():
            name, token = f"The {lane.name.lower()}'s feed", self._callers[lane].token
            feed = listening(name, self._url, token, document, **variables)
            self._feeds[lane] = await stack.enter_async_context(feed)
        self._stage.step("All three listen, each on a WebSocket of their own")
        await self._show(
            {
                Lane.PATIENT: does("appointmentChanges", "her own"),
                Lane.DOCTOR: does("appointmentChanges", "her own"),
                Lane.ONLOOKER: does("slotChanges", "the doctor's"),
            }
        )

    async def _search(self) -> None:
        self._stage.step("The patient looks for a cardiologist near the centre of São Paulo")
        filter = {
            "specialty": "cardiologia",
            "near": SAO_PAULO,
            "withinKm": 30,
            "availableFrom": _instant(datetime.now(UTC) + LEAD),
        }
        answer = await self._callers[Lane.PATIENT].ask(documents.SEARCH, filter=filter)
        edges = answer.fields["doctors"]["edges"]
        await self._show({Lane.PATIENT: does("doctors", _answered(answer))})
        self._stage.choice(
            ("found", "km", "rating", "next open times"),
            [_found(edge) for edge in edges],
            chosen=[edge["node"]["id"] == self._doctor["id"] for edge in edges],
        )

    async def _book(self) -> str:
        """The first time that suits her, or a later one if somebody else is faster."""
        engaged = await self._appointments()
        for slot in await self._open_slots():
            if _soon(slot) or any(_overlap(slot, other) for other in engaged):
                continue
            self._slot = slot
            try:
                await self._hold()
                return await self._request()
            except Refused as refusal:
                if refusal.code not in ANOTHER_TIME:
                    raise
                await self._show({Lane.PATIENT: hears(refusal.code, "she takes another time")})
                await self._tidy_up()
        raise Fault(f"{self._doctor['name']} has no open time that suits the patient.")

    async def _hold(self) -> None:
        self._stage.step("The patient holds a time while she makes up her mind")
        await self._look()
        await self._act(
            Lane.PATIENT,
            does("holdSlot", self._when(self._slot)),
            documents.HOLD,
            {"slotId": self._slot["id"]},
            {Lane.ONLOOKER: "HELD"},
        )

    async def _request(self) -> str:
        self._stage.step("She requests it")
        input = {
            "slotId": self._slot["id"],
            "reason": REASON,
            "consent": True,
            "idempotencyKey": str(uuid4()),
        }
        return await self._act(
            Lane.PATIENT,
            does("requestAppointment", self._when(self._slot)),
            documents.REQUEST,
            input,
            {Lane.PATIENT: "REQUESTED", Lane.DOCTOR: "REQUESTED", Lane.ONLOOKER: "BOOKED"},
        )

    async def _accept(self, appointment_id: str) -> None:
        self._stage.step("The doctor accepts")
        await self._act(
            Lane.DOCTOR,
            does("acceptAppointment", self._when(self._slot)),
            documents.ACCEPT,
            {"appointmentId": appointment_id},
            {Lane.PATIENT: "CONFIRMED", Lane.DOCTOR: "CONFIRMED"},
        )

    async def _look_again(self) -> None:
        self._stage.step("The time is gone for everybody else")
        if await self._look():
            raise Fault(f"{self._when(self._slot)} is booked, but still among nextSlots.")

    async def _cancel(self, appointment_id: str) -> None:
        self._stage.step("The patient cancels, so that the demo can be run again")
        await self._act(
            Lane.PATIENT,
            does("cancelAppointment", JUSTIFICATION),
            documents.CANCEL,
            {"appointmentId": appointment_id, "justification": JUSTIFICATION},
            {Lane.PATIENT: "CANCELLED", Lane.DOCTOR: "CANCELLED", Lane.ONLOOKER: "RELEASED"},
        )

    async def _look(self) -> bool:
        """Whether the onlooker sees the time as open."""
        slots = await self._open_slots()
        seen = any(slot["id"] == self._slot["id"] for slot in slots)
        later = [slot for slot in slots if slot["startsAt"] >= self._slot["startsAt"]]
        gone = () if seen else (f"without {self._when(self._slot)}",)
        times = _times(later[:3], self._zone)
        await self._show({Lane.ONLOOKER: does("nextSlots", *times, *gone)})
        return seen

    async def _open_slots(self) -> list[Json]:
        """As the onlooker sees them."""
        who = {"crm": self._doctor["crm"], "uf": self._doctor["uf"]}
        answer = await self._callers[Lane.ONLOOKER].ask(documents.NEXT_SLOTS, **who)
        slots: list[Json] = answer.fields["doctor"]["nextSlots"]
        return slots

    async def _act(
        self, actor: Lane, shown: Note, document: str, input: Json, expected: Mapping[Lane, str]
    ) -> str:
        """Returns the id of the appointment that it was about, if it was about one."""
        await self._show({actor: shown})
        answer = await self._callers[actor].act(document, **input)
        appointment_id: str = answer.fields.get("appointment", {"id": ""})["id"]
        subjects = dict.fromkeys(Lane, appointment_id) | {Lane.ONLOOKER: self._slot["id"]}
        events = {
            lane: await self._feeds[lane].expect(kind, subjects[lane])
            for lane, kind in expected.items()
        }
        delays = {lane: event.heard_at - answer.read_at for lane, event in events.items()}
        self._stage.show({actor: sees(_answered(answer))})
        await self._show(
            {
                lane: hears(event.kind, *self._news(lane, event), after_the_answer(delays[lane]))
                for lane, event in events.items()
            }
        )
        heard = {lane: (event.kind, delays[lane]) for lane, event in events.items()}
        self._timings.append(Timing(shown.headline, answer.read_at - answer.sent_at, heard))
        return appointment_id

    def _news(self, lane: Lane, event: Event) -> Iterator[str]:
        """What else is worth showing of an event."""
        subject = event.subject
        yield self._when(subject)
        if lane is Lane.PATIENT and event.kind == "CONFIRMED":
            yield f"by {subject['doctor']['name']}"
        if lane is Lane.DOCTOR and event.kind == "REQUESTED":
            yield f"{subject['patient']['name']}: {subject['reason']}"
        if lane is Lane.DOCTOR and event.kind == "CANCELLED":
            yield subject["justification"]

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._doctor["timeZone"])

    def _when(self, subject: Json) -> str:
        return f"{_moment(subject['startsAt'], self._zone):%a %d %b %H:%M}"

    async def _show(self, notes: Mapping[Lane, Note]) -> None:
        self._stage.show(notes)
        await asyncio.sleep(self._pace)


async def play(url: httpx.URL, pace: float) -> str | None:
    """Returns what was wrong, if anything was."""
    async with AsyncExitStack() as stack:
        callers = {}
        for lane in Lane:
            http = httpx.AsyncClient(timeout=PATIENCE, trust_env=False)
            callers[lane] = Caller(url, await stack.enter_async_context(http))
        story = Story(url, pace, callers)
        await story.tell()
        return story.conclude()


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    try:
        sys.exit(asyncio.run(play(options.url, options.pace)))
    except Fault as fault:
        sys.exit(str(fault))
    except httpx.TransportError:
        sys.exit(f"No server answers at {options.url} — start one with ./dev run")
    except KeyboardInterrupt:
        print("Interrupted; what was held or booked is given back.", file=sys.stderr)
        sys.exit(130)


def _found(edge: Json) -> tuple[str, str, str, str]:
    doctor, rating = edge["node"], edge["node"]["rating"]
    average = "new" if rating["average"] is None else f"{rating['average']:.1f}"
    return (
        doctor["name"],
        f"{edge['distanceKm']:.1f}",
        f"{average} ({rating['count']})",
        "; ".join(_times(doctor["nextSlots"], ZoneInfo(doctor["timeZone"]))),
    )


def _times(slots: list[Json], zone: ZoneInfo) -> list[str]:
    """A text for each day."""
    moments = [_moment(slot["startsAt"], zone) for slot in slots]
    return [
        f"{day:%a %d %b} " + " ".join(f"{moment:%H:%M}" for moment in of_day)
        for day, of_day in groupby(moments, key=datetime.date)
    ]


def _answered(answer: Answer) -> str:
    return f"answered in {milliseconds(answer.read_at - answer.sent_at)}"


def _soon(slot: Json) -> bool:
    return datetime.fromisoformat(slot["startsAt"]) < datetime.now(UTC) + LEAD


def _overlap(one: Json, other: Json) -> bool:
    """The texts of instants in UTC sort as these do."""
    return bool(one["startsAt"] < other["endsAt"] and other["startsAt"] < one["endsAt"])


def _moment(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).astimezone(zone)


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev demo",
        description="Show a running server at work: a patient books, her doctor accepts, and both "
        "hear of it live, as does an onlooker. Exit status 0 if all events came within 250 ms.",
    )
    parser.add_argument(
        "--url",
        type=_url,
        default="http://127.0.0.1:8000",
        help="where the server is (%(default)s)",
    )
    parser.add_argument(
        "--pace",
        type=_seconds,
        default=0.8,
        metavar="SECONDS",
        help="pause after whatever happens, 0 for none (%(default)s)",
    )
    return parser


def _url(text: str) -> httpx.URL:
    url = httpx.URL(text)
    if url.scheme not in {"http", "https"} or not url.host:
        raise ValueError
    return url if url.path.strip("/") else url.copy_with(path="/graphql")


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < math.inf:
        raise ValueError
    return seconds


_url.__name__, _seconds.__name__ = "http address", "number of seconds"  # for argparse's complaints


if __name__ == "__main__":
    main()
