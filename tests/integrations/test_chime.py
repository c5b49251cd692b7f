"""What Amazon Chime is asked, and what is made of its answers."""

import asyncio
import json
import logging
import re
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from domain.appointments import AppointmentParty
from domain.ids import new_id
from domain.meetings import ConsultationProvider, MeetingUnreachable
from integrations import chime
from tests.chime import CUT, GARBLED, HANGS, MODEL, PlayedChime, serving
from tests.paths import ROOT
from tests.shapes import faults

NOW = datetime(2030, 1, 7, 12, 15, tzinfo=UTC)
CLOSES = NOW + timedelta(hours=1)
DOCTOR, PATIENT = AppointmentParty.DOCTOR, AppointmentParty.PATIENT
FAILURES = ("ServiceUnavailableException", "ServiceFailureException", CUT)
REFUSALS = ("ForbiddenException", "UnauthorizedException", "BadRequestException")


@pytest.fixture(autouse=True)
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch):
    monkeypatch.setattr(chime, "_PAUSE_LONGEST", 0.0)


@pytest.fixture
async def played():
    async with serving(PlayedChime()) as it:
        yield it


@pytest.fixture
async def meetings(played):
    async with connected(played) as it:
        yield it


@asynccontextmanager
async def connected(played, media_region="sa-east-1"):
    async with chime.connected(
        region=played.region, media_region=media_region, endpoint_url=played.url
    ) as it:
        yield it


async def admitted(meetings, id, meeting, party):
    entrance = await meetings.admit(id, meeting, party, at=NOW, until=CLOSES)
    assert entrance.expires_at == CLOSES
    return json.loads(entrance.credentials)


async def every_question(meetings, id, meeting):
    """What each of them came to."""
    return await asyncio.gather(
        *(
            meetings.open(id, None),
            meetings.open(id, meeting),
            meetings.admit(id, meeting, DOCTOR, at=NOW, until=CLOSES),
            meetings.end(id, meeting),
        ),
        return_exceptions=True,
    )


# ---------------------------------------------------------------------- what is asked


@pytest.mark.parametrize(
    "wrong",
    [
        {"ClientRequestToken": "x"},
        {"ClientRequestToken": "x" * 65},
        {"ClientRequestToken": "neither blank nor: colon"},
        {"ExternalMeetingId": "x" * 65},
        {"ExternalMeetingId": "AWS:ours"},
        {"MediaRegion": "sa-west-9"},
        {"MediaRegion": 1},
        {"MeetingFeatures": {"Video": {"MaxResolution": "4K"}}},
        {"MeetingFeatures": {"Attendee": {"MaxCount": 0}}},
        {"MeetingFeatures": {"Attendee": {"MaxCount": "2"}}},
        {"TenantIds": ["x" * 2] * 6},
        {"Recording": True},
        {"MediaRegion": None},
    ],
    ids=str,
)
async def test_what_amazon_does_not_describe_is_refused_by_the_played_one(played, wrong):
    right = {
        "ClientRequestToken": str(uuid4()),
        "ExternalMeetingId": str(uuid4()),
        "MediaRegion": "sa-east-1",
        "MeetingFeatures": {"Attendee": {"MaxCount": 2}},
    }

    assert await posted(played, right) == 200
    assert await posted(played, right | wrong) == 400


@pytest.mark.parametrize("missing", ["ClientRequestToken", "ExternalMeetingId", "MediaRegion"])
async def test_nor_does_it_take_half_a_request_or_one_that_is_signed_for_elsewhere(played, missing):
    right = {"ClientRequestToken": "ab", "ExternalMeetingId": "ab", "MediaRegion": "sa-east-1"}

    assert await posted(played, {k: v for k, v in right.items() if k != missing}) == 400
    assert await posted(played, right, region="sa-east-1") == 401
    assert await posted(played, right) == 200
    assert await posted(played, right | {"ExternalMeetingId": "another"}) == 409


async def posted(played, asked, region=None):
    url, content = f"{played.url}/meetings", json.dumps(asked)
    request = AWSRequest("POST", url, {"content-type": "application/json"}, content)
    signer = SigV4Auth(Credentials("test", "test"), "chime", region or played.region)
    signer.add_auth(request)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(url, content=content, headers=dict(request.headers))
    return answer.status_code


def test_what_the_server_must_be_allowed_is_written_down():
    asks = re.findall(r'_ask\(\s*"(\w+)"', (ROOT / "integrations" / "chime.py").read_text())
    written = re.findall(r"chime:(\w+)", (ROOT / "docs" / "operations.md").read_text())

    assert sorted(written) == sorted({"".join(map(str.title, ask.split("_"))) for ask in asks})


async def test_a_meeting_is_known_by_its_consultation_and_by_nothing_else(played, meetings):
    id = new_id()

    meeting = await meetings.open(id, None)

    assert meetings.kind is ConsultationProvider.CHIME
    assert played.running == [meeting]
    assert played.asked == [
        (
            "CreateMeeting",
            {
                "ClientRequestToken": str(id),
                "ExternalMeetingId": str(id),
                "MediaRegion": "sa-east-1",
                "MeetingFeatures": {
                    "Video": {"MaxResolution": "HD"},
                    "Content": {"MaxResolution": "FHD"},
                },
            },
        )
    ]


async def test_media_go_through_the_region_that_was_chosen(played):
    async with connected(played, media_region="us-east-2") as meetings:
        await meetings.open(new_id(), None)

    [(_, asked)] = played.asked
    assert asked["MediaRegion"] == "us-east-2"


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        (("sa-east-1", "sa-east-1"), "not in 'sa-east-1'"),  # Chime is not asked in São Paulo
        (("", "sa-east-1"), "not in ''"),
        (("us-east-1", "São Paulo"), "no region"),
        (("us-east-1", ""), "no region"),
    ],
)
async def test_where_chime_is_not_nothing_begins(regions, told):
    region, media_region = regions
    with pytest.raises(ValueError, match=told):
        async with chime.connected(region=region, media_region=media_region):
            pass


async def test_where_chime_is_a_client_is_made_without_asking_anybody():
    async with chime.connected(region="us-east-1", media_region="sa-east-1") as meetings:
        where = meetings._client.meta.endpoint_url

    assert where == "https://meetings-chime.us-east-1.amazonaws.com"


# ------------------------------------------------------------------- a meeting's life


async def test_two_who_open_at_once_are_given_the_same(played, meetings):
    id = new_id()
    async with connected(played) as of_another_process:
        opened = await asyncio.gather(
            *(each.open(id, None) for each in (meetings, of_another_process) * 3)
        )

    assert set(opened) == set(played.running)
    assert len(played.running) == 1


async def test_who_asks_at_the_very_same_time_asks_again(played, meetings, caplog):
    id = new_id()
    played.next = ["ConflictException", "ConflictException"]

    meeting = await meetings.open(id, None)

    assert played.running == [meeting]
    assert {asked["ClientRequestToken"] for _, asked in played.asked} == {str(id)}
    ours = [record for record in caplog.records if record.name == "integrations.chime"]
    assert [record.levelname for record in ours] == ["WARNING"] * 2


async def test_a_token_that_is_good_for_another_meeting_is_not_asked_about_for_ever(played):
    id = new_id()
    async with connected(played) as before, connected(played, "us-east-1") as after:
        await before.open(id, None)
        with pytest.raises(MeetingUnreachable):
            await after.open(id, None)

    assert len(played.asked) == 1 + 4


async def test_a_meeting_that_goes_on_is_left_as_it_is(played, meetings):
    id = new_id()
    meeting = await meetings.open(id, None)

    assert await meetings.open(id, meeting) == meeting
    assert played.operations == ["CreateMeeting", "GetMeeting"]


@pytest.mark.parametrize("remembers", [True, False], ids=["remembers", "forgets"])
async def test_after_one_that_has_ended_by_itself_there_is_another(played, meetings, remembers):
    id, played.remembers = new_id(), remembers
    opened = [await meetings.open(id, None)]

    for _ in range(3):
        played.grow_empty()
        again = [await meetings.open(id, opened[-1]) for _ in range(2)]  # of either side
        assert played.running == [again[0]] == [again[1]]
        await admitted(meetings, id, again[0], PATIENT)
        opened.append(again[0])

    assert len(set(opened)) == 4
    assert {meeting.asked["ExternalMeetingId"] for meeting in played.meetings.values()} == {str(id)}


async def test_consultations_never_share_one(played, meetings):
    first, second = new_id(), new_id()
    ended = [await meetings.open(first, None), await meetings.open(second, None)]
    played.grow_empty()

    for meeting in (await meetings.open(first, ended[0]), await meetings.open(second, ended[0])):
        assert meeting in played.running
    assert len(played.running) == 2


async def test_one_that_ended_before_it_was_kept_is_in_the_way_once(played, meetings):
    """Of a process that was killed; Chime goes on answering its token with it."""
    id, played.remembers = new_id(), True
    await meetings.open(id, None)
    played.grow_empty()

    kept = await meetings.open(id, None)
    with pytest.raises(MeetingUnreachable):
        await admitted(meetings, id, kept, DOCTOR)
    kept = await meetings.open(id, kept)

    assert played.running == [kept]
    assert await admitted(meetings, id, kept, DOCTOR)


async def test_one_that_is_over_lets_nobody_in_any_more(played, meetings):
    id = new_id()
    meeting = await meetings.open(id, None)
    await admitted(meetings, id, meeting, DOCTOR)

    await meetings.end(id, meeting)

    assert played.running == []
    with pytest.raises(MeetingUnreachable):
        await admitted(meetings, id, meeting, DOCTOR)


async def test_what_is_over_can_be_ended_again(played, meetings):
    id = new_id()
    meeting = await meetings.open(id, None)

    for _ in range(2):
        await meetings.end(id, meeting)

    assert played.operations == ["CreateMeeting", "DeleteMeeting", "DeleteMeeting"]


# ------------------------------------------------------------------ what lets one in


async def test_each_side_has_a_place_of_its_own(played, meetings):
    id = new_id()
    meeting = await meetings.open(id, None)

    given = {party: await admitted(meetings, id, meeting, party) for party in (DOCTOR, PATIENT)}

    there = played.meetings[meeting]
    for party, each in given.items():
        attendee = there.attendees[f"{id}-{party}".lower()]
        assert each["Attendee"] == attendee
        assert set(attendee["Capabilities"].values()) == {"SendReceive"}
        assert set(each["Meeting"]) == {
            *("MeetingId", "MediaRegion", "MediaPlacement", "MeetingFeatures"),
        }
        assert each["Meeting"].items() <= there.described.items()
    assert given[DOCTOR]["Attendee"]["JoinToken"] != given[PATIENT]["Attendee"]["JoinToken"]
    assert "123456789012" not in json.dumps(given)  # our account's number


async def test_what_the_browser_is_given_is_what_amazon_describes(meetings):
    id = new_id()
    given = await admitted(meetings, id, await meetings.open(id, None), PATIENT)

    for name, part in given.items():
        assert list(faults(MODEL.shape_for(name), part, name)) == []


async def test_who_comes_back_takes_his_own_place(played, meetings):
    id = new_id()
    meeting = await meetings.open(id, None)

    first, second = [await admitted(meetings, id, meeting, PATIENT) for _ in range(2)]

    assert first == second
    assert len(played.meetings[meeting].attendees) == 1


# -------------------------------------------------------------------- when it fails


@pytest.mark.parametrize("fault", [*FAILURES, *REFUSALS, "ThrottlingException"])
async def test_whatever_fails_is_told_in_the_port_s_own_words(played, meetings, fault, caplog):
    id = new_id()
    meeting = await meetings.open(id, None)
    played.always = fault

    with caplog.at_level(logging.DEBUG):
        told = await every_question(meetings, id, meeting)

    assert all(isinstance(each, MeetingUnreachable) for each in told)
    ours = [record for record in caplog.records if not record.name.startswith("uvicorn")]
    for text in (*(record.getMessage() for record in ours), *map(str, told)):
        assert str(id) not in text
        assert meeting not in text
    levels = {record.levelname for record in ours if record.name == chime.__name__}
    assert levels == {"ERROR" if fault in REFUSALS else "WARNING"}


async def test_where_no_more_meetings_are_allowed_somebody_has_to_look(played, meetings, caplog):
    played.always = "LimitExceededException"

    with pytest.raises(MeetingUnreachable):
        await meetings.open(new_id(), None)

    assert "refuses create_meeting: LimitExceededException" in caplog.text


@pytest.mark.parametrize("fault", ["ServiceUnavailableException", "ThrottlingException", CUT])
async def test_one_failure_is_not_noticed(played, meetings, fault):
    id = new_id()

    played.next = [fault]
    meeting = await meetings.open(id, None)
    played.next = [fault]
    await meetings.open(id, meeting)
    played.next = [fault]
    await admitted(meetings, id, meeting, PATIENT)
    played.next = [fault]
    await meetings.end(id, meeting)

    assert list(played.meetings) == [meeting]
    assert played.running == []
    assert played.operations == [
        *(["CreateMeeting"] * 2 + ["GetMeeting"] * 4 + ["CreateAttendee"] + ["DeleteMeeting"] * 2),
    ]


async def test_an_answer_that_says_nothing_lets_nobody_in(played, meetings):
    id = new_id()
    meeting = await meetings.open(id, None)
    played.always = GARBLED

    with pytest.raises(MeetingUnreachable):
        await meetings.open(id, None)
    with pytest.raises(MeetingUnreachable):
        await meetings.open(id, meeting)
    with pytest.raises(MeetingUnreachable):
        await admitted(meetings, id, meeting, DOCTOR)
    played.next, played.always = [None, GARBLED], None
    with pytest.raises(MeetingUnreachable):
        await admitted(meetings, id, meeting, DOCTOR)


async def test_one_that_is_silent_is_not_waited_for_long(played, monkeypatch):
    brief = chime.PATIENCE.merge(chime.Config(read_timeout=0.3))
    monkeypatch.setattr(chime, "PATIENCE", brief)
    played.always = HANGS
    async with connected(played) as meetings:
        began = time.monotonic()
        with pytest.raises(MeetingUnreachable):
            await meetings.open(new_id(), None)

    assert time.monotonic() - began < 3
    assert len(played.asked) == 2


async def test_all_tries_together_have_their_time(played, meetings, monkeypatch):
    monkeypatch.setattr(chime, "_SECONDS", 0.3)
    played.always = HANGS
    began = time.monotonic()
    with pytest.raises(MeetingUnreachable):
        await meetings.open(new_id(), None)

    assert time.monotonic() - began < 3  # which a read alone may take


async def test_where_nobody_listens_nobody_is_reached():
    async with connected(PlayedChime(port=9)) as meetings:
        with pytest.raises(MeetingUnreachable):
            await meetings.open(new_id(), None)


async def test_without_credentials_nobody_is_asked(played, monkeypatch, caplog):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    async with connected(played) as meetings:
        with pytest.raises(MeetingUnreachable):
            await meetings.open(new_id(), None)

    assert played.asked == []
    assert "NoCredentialsError" in caplog.text


async def test_who_fails_time_after_time_is_left_alone_for_a_while(played, monkeypatch):
    now = 0.0
    played.always = "ServiceUnavailableException"
    async with connected(played) as meetings:
        monkeypatch.setattr(meetings._breaker, "_clock", lambda: now)
        for _ in range(7):
            with pytest.raises(MeetingUnreachable):
                await meetings.open(new_id(), None)
        assert len(played.asked) == 5 * 2

        played.always = None
        now += chime._LEFT_ALONE
        assert await meetings.open(new_id(), None) in played.running


@pytest.mark.parametrize("refusal", ["ForbiddenException", "ThrottlingException"])
async def test_who_says_no_is_not_left_alone(played, meetings, refusal):
    played.always = refusal
    for _ in range(6):
        with pytest.raises(MeetingUnreachable):
            await meetings.open(new_id(), None)

    played.always = None
    assert await meetings.open(new_id(), None) in played.running


async def test_no_log_tells_what_lets_one_in(meetings, caplog):
    with caplog.at_level(logging.DEBUG):
        id = new_id()
        given = await admitted(meetings, id, await meetings.open(id, None), DOCTOR)

    assert given["Attendee"]["JoinToken"] not in caplog.text
