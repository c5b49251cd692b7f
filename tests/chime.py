"""Amazon Chime SDK meetings, played: what of it an application server asks.

Routes, members and errors are those of Amazon's own description, as botocore has it; every request
and every answer is held against it. Nobody can meet here: where it sends browsers, nothing is.
"""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import botocore.session
import uvicorn
from botocore.model import OperationModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from tests.shapes import faults

MODEL = botocore.session.get_session().get_service_model("chime-sdk-meetings")
HANGS, CUT, GARBLED = "hangs", "cut", "garbled"  # instead of an answer
# What the description says in its prose alone.
_EXTERNAL = re.compile(r"(?!aws:)[-_&@+=,(){}\[\]/«».:|'\"#a-zA-Z0-9À-ÿ\s]*", re.IGNORECASE)
_MEDIA_REGIONS = frozenset(
    re.findall(
        r"[a-z]{2}(?:-[a-z]+)+-\d",
        MODEL.shape_for("CreateMeetingRequest").members["MediaRegion"].documentation,
    )
)
_FROM_ALL_TO_ALL = dict.fromkeys(("Audio", "Video", "Content"), "SendReceive")
_USUAL = {"Video": {"MaxResolution": "HD"}, "Content": {"MaxResolution": "FHD"}}

Json = dict[str, Any]


class No(Exception):
    """One of the errors that the operation is described with."""


@dataclass
class Meeting:
    described: Json
    asked: Json
    attendees: dict[str, Json] = field(default_factory=dict)  # by ExternalUserId
    ended: bool = False


@dataclass
class PlayedChime:
    """`next`: what becomes of the next requests, one each: HANGS and so on, an error by its name,
    or None; `always`: of all others. `remembers`: whether a token is answered with a meeting that
    has ended. `broken`: what no client is to be blamed for.
    """

    region: str = "us-east-1"
    port: int = 0
    remembers: bool = False
    next: list[str | None] = field(default_factory=list)
    always: str | None = None
    asked: list[tuple[str, Json]] = field(default_factory=list)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    _by_token: dict[str, Meeting] = field(default_factory=dict)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> Json:
        """Of a server whose consultations are here."""
        return {"meetings": "chime", "chime_region": self.region, "chime_endpoint_url": self.url}

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.asked]

    @property
    def running(self) -> list[str]:
        return [id for id, meeting in self.meetings.items() if not meeting.ended]

    def grow_empty(self) -> None:
        """Nobody has been in any of the meetings for five minutes."""
        for meeting in self.meetings.values():
            meeting.ended = True

    def application(self) -> Starlette:
        acts = {
            "CreateMeeting": self._create_meeting,
            "GetMeeting": self._get_meeting,
            "DeleteMeeting": self._delete_meeting,
            "CreateAttendee": self._create_attendee,
        }
        return Starlette(routes=[self._route(name, act) for name, act in acts.items()])

    def release(self) -> None:
        self._over.set()

    # -------------------------------------------------------------------- what it does

    def _create_meeting(self, asked: Json) -> Json:
        if asked["MediaRegion"] not in _MEDIA_REGIONS:
            raise No("BadRequestException")
        if not _EXTERNAL.fullmatch(asked["ExternalMeetingId"]):
            raise No("BadRequestException")
        known = self._by_token.get(asked["ClientRequestToken"])
        if known is not None and (self.remembers or not known.ended):
            if known.asked != asked:
                raise No("ConflictException")
            return {"Meeting": known.described}
        id = str(uuid4())
        region = asked["MediaRegion"]
        places = MODEL.shape_for("MediaPlacement").members
        described = {
            "MeetingId": id,
            "ExternalMeetingId": asked["ExternalMeetingId"],
            "MediaRegion": region,
            "MediaPlacement": {
                each: f"wss://{region}.invalid.chime.aws/{each}/{id}" for each in places
            },
            "MeetingFeatures": _USUAL | asked.get("MeetingFeatures", {}),
            "MeetingArn": f"arn:aws:chime:{self.region}:123456789012:meeting/{id}",
        }
        made = Meeting(described, asked)
        self.meetings[id] = self._by_token[asked["ClientRequestToken"]] = made
        return {"Meeting": described}

    def _get_meeting(self, asked: Json) -> Json:
        return {"Meeting": self._meeting(asked).described}

    def _delete_meeting(self, asked: Json) -> Json:
        self._meeting(asked).ended = True
        return {}

    def _create_attendee(self, asked: Json) -> Json:
        """The same one for who is there already."""
        attendees, external = self._meeting(asked).attendees, asked["ExternalUserId"]
        if not _EXTERNAL.fullmatch(external):
            raise No("BadRequestException")
        attendee = attendees.setdefault(
            external.lower(),
            {
                "AttendeeId": str(uuid4()),
                "ExternalUserId": external,
                "JoinToken": secrets.token_urlsafe(96),
                "Capabilities": asked.get("Capabilities", _FROM_ALL_TO_ALL),
            },
        )
        return {"Attendee": attendee}

    def _meeting(self, asked: Json) -> Meeting:
        meeting = self.meetings.get(asked["MeetingId"])
        if meeting is None or meeting.ended:
            raise No("NotFoundException")
        return meeting

    # -------------------------------------------------------------- how it is spoken to

    def _route(self, name: str, act: Callable[[Json], Json]) -> Route:
        operation = MODEL.operation_model(name)

        async def endpoint(request: Request) -> Response:
            try:
                asked = await self._read(request, operation)
                self.asked.append((name, asked))
                fate = self.next.pop(0) if self.next else self.always
                if fate in {HANGS, CUT, GARBLED}:
                    return await self._misbehave(fate)
                if fate is not None:
                    raise No(fate)  # noqa: TRY301
                answer = act(asked)
            except No as no:
                return self._says_no(operation, str(no))
            return self._answers(operation, answer)

        http = operation.http
        return Route(http["requestUri"], endpoint, methods=[http["method"]])

    async def _read(self, request: Request, operation: OperationModel) -> Json:
        scope = f"/{self.region}/chime/aws4_request,"
        if scope not in request.headers.get("authorization", ""):
            raise No("UnauthorizedException")
        body = await request.body()
        shape = operation.input_shape
        in_uri = {name for name, it in shape.members.items() if it.serialization.get("location")}
        asked = {}
        if in_uri != set(shape.members):
            if request.headers.get("content-type") != "application/json":
                raise No("BadRequestException")
            asked = _structure(body)
        elif body:
            raise No("BadRequestException")
        if request.query_params or in_uri & set(asked):
            raise No("BadRequestException")
        asked |= request.path_params
        if any(faults(shape, asked, operation.name)):
            raise No("BadRequestException")
        return asked

    async def _misbehave(self, fate: str) -> Response:
        match fate:
            case "hangs":
                await self._over.wait()
                return Response(status_code=503)
            case "cut":
                return _Cut()
            case _:
                return Response("<html>at the door</html>", media_type="text/html")

    def _says_no(self, operation: OperationModel, code: str) -> Response:
        described = {shape.name: shape for shape in operation.error_shapes}
        if code not in described:
            self.broken.append(f"{operation.name} is not described with {code}")
            return Response(status_code=500)
        body = {"Code": code, "Message": "as Amazon words it", "RequestId": str(uuid4())}
        self._hold(described[code], body, code)
        status = described[code].metadata["error"]["httpStatusCode"]
        return JSONResponse(body, status, {"x-amzn-ErrorType": code})

    def _answers(self, operation: OperationModel, answer: Json) -> Response:
        status = operation.http.get("responseCode", 200)
        if operation.output_shape is None:
            return Response(status_code=status)
        self._hold(operation.output_shape, answer, operation.name)
        return JSONResponse(answer, status)

    def _hold(self, shape: Any, answer: Json, path: str) -> None:
        self.broken += faults(shape, answer, path)


def _structure(body: bytes) -> Json:
    try:
        asked = json.loads(body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise No("BadRequestException")
    return asked


class _Cut(Response):
    """Begun, and not ended: the line breaks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"Meeting": {', "more_body": True})


@asynccontextmanager
async def serving(played: PlayedChime) -> AsyncGenerator[PlayedChime]:
    config = uvicorn.Config(
        played.application(),
        host="127.0.0.1",
        port=0,
        lifespan="off",
        log_config=None,
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110  # uvicorn tells it by no event
            await asyncio.sleep(0.01)
    played.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield played
    finally:
        played.release()
        server.should_exit = True
        await running
    assert played.broken == []
