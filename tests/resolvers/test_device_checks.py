"""Both sides see, before they meet, whether each can be seen and heard."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests import make
from tests.make import NOW, Person
from tests.server import LocalServer, gid

_CHECKS = """deviceChecks {
  party at camera microphone speaker network roundTripMs upKbps downKbps browser
}"""
RECORD = f"""
mutation ($input: RecordDeviceCheckInput!) {{
  recordDeviceCheck(input: $input) {{
    appointment {{ id version {_CHECKS} }} problems {{ code path }}
  }}
}}
"""
LOOK = f"query ($id: ID!) {{ node(id: $id) {{ ... on Appointment {{ version {_CHECKS} }} }} }}"
LIST = f"""{{ viewer {{
  ... on PatientViewer {{ appointments(first: 20) {{ nodes {{ id {_CHECKS} }} }} }}
}} }}"""
FINE = {"camera": "OK", "microphone": "OK", "speaker": "OK", "network": "GOOD"}
BAD = {"camera": "FAILED", "microphone": "OK", "speaker": "NOT_TESTED", "network": "POOR"}
MEASURED = {"roundTripMs": 45, "upKbps": 1800, "downKbps": 24_000, "browser": "Firefox 133"}
NOTHING = dict.fromkeys(MEASURED)


@pytest.fixture
async def scene(server: LocalServer) -> tuple[Person, Person, str]:
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="CONFIRMED")
    await server.given(doctor, ana, slot, visit)
    return doctor, ana, gid(visit)


async def record(server: LocalServer, who: Person, id: str, **found: Any) -> Any:
    return await server.ask(RECORD, who, input={"appointmentId": id} | FINE | found)


async def checks(server: LocalServer, who: Person, id: str) -> list[dict[str, Any]]:
    """Without their times."""
    seen = (await server.ask(LOOK, who, id=id))["deviceChecks"]
    return [{name: value for name, value in each.items() if name != "at"} for each in seen]


async def test_what_each_side_found_is_seen_by_both(server: LocalServer, scene: Any):
    doctor, ana, id = scene
    assert await checks(server, ana, id) == []

    payload = await record(server, ana, id, **MEASURED)
    await record(server, doctor, id, **BAD)

    assert payload["problems"] == []
    [told] = payload["appointment"]["deviceChecks"]
    assert told["at"].startswith(NOW.isoformat()[:19])
    expected = [
        {"party": "DOCTOR"} | BAD | NOTHING,
        {"party": "PATIENT"} | FINE | MEASURED,
    ]
    assert await checks(server, ana, id) == await checks(server, doctor, id) == expected
    assert await server.audited(ana) == await server.audited(doctor) == ["RecordDeviceCheck"]


async def test_the_latest_takes_the_place_of_the_one_before(server: LocalServer, scene: Any):
    doctor, ana, id = scene
    await record(server, doctor, id)
    await record(server, ana, id, **BAD, **MEASURED)
    server.now = NOW + timedelta(minutes=7)

    await record(server, ana, id)

    _, hers = await checks(server, doctor, id)
    assert hers == {"party": "PATIENT"} | FINE | NOTHING
    [his, hers] = (await server.ask(LOOK, doctor, id=id))["deviceChecks"]
    assert hers["at"] > his["at"]


async def test_the_appointment_itself_does_not_change(server: LocalServer, scene: Any):
    _, ana, id = scene

    payload = await record(server, ana, id)

    assert payload["appointment"]["version"] == 1
    assert await server.told(ana) == []


@pytest.mark.parametrize("status", ["REQUESTED", "CONFIRMED", "IN_PROGRESS"])
async def test_devices_are_tried_for_what_is_to_come(server: LocalServer, status: str):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status=status)
    await server.given(doctor, ana, slot, visit)

    for side in (doctor, ana):
        assert (await record(server, side, gid(visit)))["problems"] == []


@pytest.mark.parametrize("status", ["DECLINED", "CANCELLED", "EXPIRED", "COMPLETED", "NO_SHOW"])
async def test_and_not_for_what_is_over(server: LocalServer, status: str):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status=status)
    await server.given(doctor, ana, slot, visit)

    async with server.unchanged(doctor, ana):
        payload = await record(server, ana, gid(visit))

    assert payload["problems"] == [{"code": "WRONG_STATUS", "path": ["appointmentId"]}]


async def test_nor_for_a_request_whose_time_is_up(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, respond_by=NOW + timedelta(hours=1))
    await server.given(doctor, ana, slot, visit)
    server.now = NOW + timedelta(hours=1)

    async with server.unchanged(doctor, ana):
        payload = await record(server, ana, gid(visit))

    assert [problem["code"] for problem in payload["problems"]] == ["WRONG_STATUS"]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("roundTripMs", 0, 60_000),
        ("upKbps", 0, 10_000_000),
        ("downKbps", 0, 10_000_000),
    ],
)
async def test_what_is_measured_lies_within_bounds(
    server: LocalServer, scene: Any, name: str, least: int, most: int
):
    doctor, ana, id = scene

    async with server.unchanged(doctor, ana):
        for value in (least - 1, most + 1):
            payload = await record(server, ana, id, **{name: value})
            assert payload["problems"] == [{"code": "INVALID", "path": [name]}]
    for value in (least, most):
        assert (await record(server, ana, id, **{name: value}))["problems"] == []
        assert (await checks(server, ana, id))[0][name] == value


async def test_all_that_is_out_of_bounds_is_told_at_once(server: LocalServer, scene: Any):
    _, ana, id = scene
    wrong = {"roundTripMs": -1, "upKbps": -1, "downKbps": -1, "browser": "x" * 101}

    payload = await record(server, ana, id, **wrong)

    assert [problem["path"] for problem in payload["problems"]] == [[name] for name in wrong]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Chrome  130\ton\nAndroid ", "Chrome 130 on Android"),
        ("Safari\x07\x1b[31m", "Safari [31m"),
        ("\u202eedge\u200b", "edge"),
        (" \n ", None),
        ("x" * 100, "x" * 100),
    ],
)
async def test_the_name_of_a_browser_is_kept_without_what_cannot_be_seen(
    server: LocalServer, scene: Any, given: str, kept: str | None
):
    doctor, ana, id = scene

    assert (await record(server, ana, id, browser=given))["problems"] == []

    assert (await checks(server, doctor, id))[0]["browser"] == kept


async def test_nobody_else_tells_or_sees_anything(server: LocalServer, scene: Any):
    doctor, ana, id = scene
    other, bia = make.doctor(), make.patient()
    await server.given(other, bia)
    await record(server, ana, id)

    async with server.unchanged(doctor, ana, other, bia):
        for who in (other, bia):
            given = {"appointmentId": id} | FINE
            assert await server.refuse(RECORD, who, input=given) == "NOT_FOUND"
            assert await server.ask(LOOK, who, id=id) is None


async def test_of_two_at_once_the_second_waits_and_takes_the_place_of_the_first(
    server: LocalServer,
):
    doctor, ana = make.doctor(), make.patient()
    slot, visit = make.visit(doctor, ana, status="CONFIRMED")
    await server.given(doctor, ana, slot, visit)

    async with server.app.works.begin() as work:
        await work.lock(visit.id)
        await work.device_checks.add(make.device_check(visit))
        second = asyncio.create_task(record(server, ana, gid(visit), **BAD))
        await asyncio.sleep(0.2)
    await second

    assert await checks(server, doctor, gid(visit)) == [{"party": "PATIENT"} | BAD | NOTHING]


async def test_those_of_many_appointments_are_read_in_one_statement(server: LocalServer):
    doctor, ana = make.doctor(), make.patient()
    visits = [
        make.visit(doctor, ana, starts_at=make.TOMORROW + n * make.HALF_AN_HOUR) for n in range(4)
    ]
    await server.given(doctor, ana, *(thing for visit in visits for thing in visit))
    await server.given(*(make.device_check(visit) for _, visit in visits))

    with server.statements() as statements:
        listed = await server.ask(LIST, ana)

    assert [len(each["deviceChecks"]) for each in listed["appointments"]["nodes"]] == [1] * 4
    assert len([each for each in statements if "FROM device_check" in each]) == 1
