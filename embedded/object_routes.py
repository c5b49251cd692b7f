"""Where forms and links lead whose object store is a folder: POST and GET /dev/objects."""

from collections.abc import AsyncIterator

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from domain.objects import CHUNK
from persistence.object_folder import FolderObjects, NotAsPromised

PATH = "/dev/objects"
MOST = 64 * 2**20  # bytes of a whole request; each form says more exactly what it brings


def route(objects: FolderObjects) -> Route:
    async def answer(request: Request) -> Response:
        try:
            if request.method == "POST":
                return await _take(objects, request)
            return _give(objects, request)
        except NotAsPromised:
            return PlainTextResponse("Forbidden", status_code=403)
        except LookupError:
            return PlainTextResponse("Not Found", status_code=404)

    return Route(PATH, answer, methods=["GET", "POST"])


async def _take(objects: FolderObjects, request: Request) -> Response:
    if not 0 < int(request.headers.get("content-length", "0")) <= MOST:
        return PlainTextResponse("Content Too Large", status_code=413)
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise NotAsPromised
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        await objects.accept(fields, _chunks(file))
    return Response(status_code=204)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK):
        yield chunk


def _give(objects: FolderObjects, request: Request) -> Response:
    found = objects.download(dict(request.query_params))
    headers = {"content-disposition": found.disposition}
    return FileResponse(found.path, media_type=found.content_type, headers=headers)
