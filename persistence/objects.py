"""The object store by S3: AWS's own, or any that keeps versions and takes POST policies.

One client for the life of the app. Links and forms are signed here and ask nobody.
"""

import asyncio
import base64
import hashlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from aiohttp import ClientError as ConnectionFailed
from botocore.exceptions import BotoCoreError, ClientError

from domain.limits import Limits
from domain.objects import CHUNK, StoredObject, StoreUnreachable, UploadForm
from persistence import bucket
from persistence.bucket import Bucket
from persistence.cloudfront import CloudFront
from persistence.disposition import attachment

log = logging.getLogger(__name__)

PART_TAKES = 3  # times as long as anything else
PART = 8 * 2**20  # bytes; at most 10,000 of them
REMOVED_AT_ONCE, REMOVALS = 1000, 100  # S3 takes a thousand
_NOT_THERE = frozenset({"404", "NoSuchKey", "NoSuchVersion"})
_EMPTY = "InvalidRange"  # of what has no first byte


class S3Objects:
    """Every object's checksum is reckoned by the store, and held against what was promised."""

    def __init__(
        self,
        place: Bucket,
        clients: tuple[Any, Any],
        limits: Limits,
        cloudfront: CloudFront | None = None,
    ) -> None:
        self._bucket, self._limits, self._cloudfront = place, limits, cloudfront
        self._client, self._signer = clients

    @classmethod
    @asynccontextmanager
    async def open(
        cls, place: Bucket, limits: Limits, cloudfront: CloudFront | None = None
    ) -> AsyncGenerator["S3Objects"]:
        async with place.clients() as clients:
            yield cls(place, clients, limits, cloudfront)

    async def prepare(self, *, pages: str) -> None:
        """The bucket, as persistence/bucket.py has it."""
        await bucket.prepare(self._client, self._bucket, pages=pages)

    async def upload_form(
        self, key: str, /, *, content_type: str, size: int, sha256: str, at: datetime
    ) -> UploadForm:
        fields = {
            "Content-Type": content_type,
            "x-amz-checksum-algorithm": "SHA256",
            "x-amz-checksum-sha256": _base64(bytes.fromhex(sha256)),
            "x-amz-server-side-encryption": self._bucket.encryption["ServerSideEncryption"],
        }
        if self._bucket.kms_key_id is not None:
            fields["x-amz-server-side-encryption-aws-kms-key-id"] = self._bucket.kms_key_id
        exactly: list[Any] = [{name: value} for name, value in fields.items()]
        lasts = self._limits.upload_for
        with _failures():
            post = await self._signer.generate_presigned_post(
                self._bucket.name,
                key,
                Fields=fields,
                Conditions=[*exactly, ["content-length-range", size, size]],
                ExpiresIn=_seconds(lasts),
            )
        return UploadForm(
            url=post["url"], fields=tuple(post["fields"].items()), expires_at=at + lasts
        )

    async def look_up(self, key: str, /) -> StoredObject | None:
        try:
            head = await self._ask(
                self._client.head_object(Bucket=self._bucket.name, Key=key, ChecksumMode="ENABLED")
            )
        except LookupError:
            return None
        return _stored(head, head["ContentLength"])

    async def read(
        self, key: str, version: str, /, *, first: int | None = None
    ) -> AsyncIterator[bytes]:
        span = {} if first is None else {"Range": f"bytes=0-{first - 1}"}
        asked = self._client.get_object(
            Bucket=self._bucket.name, Key=key, VersionId=version, **span
        )
        answer = await self._ask(asked)
        if answer is None:
            return
        with _failures():
            async with answer["Body"], aclosing(answer["Body"].iter_chunks(CHUNK)) as chunks:
                async for chunk in chunks:
                    yield chunk

    async def link(
        self, key: str, version: str, /, *, name: str, content_type: str, at: datetime
    ) -> tuple[str, datetime]:
        lasts, saved_as = self._limits.link_for, attachment(name)
        until = at + lasts
        if self._cloudfront is not None:
            query = {
                "response-content-disposition": saved_as,
                "response-content-type": content_type,
                "versionId": version,
            }
            return self._cloudfront.sign(key, query, until=until), until
        with _failures():
            url: str = await self._signer.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._bucket.name,
                    "Key": key,
                    "VersionId": version,
                    "ResponseContentDisposition": saved_as,
                    "ResponseContentType": content_type,
                },
                ExpiresIn=_seconds(lasts),
            )
        return url, until

    async def put(
        self, key: str, chunks: AsyncIterator[bytes], /, *, content_type: str
    ) -> StoredObject:
        where = {"Bucket": self._bucket.name, "Key": key}
        how = {"ContentType": content_type, **self._bucket.encryption}
        parts = _parts(chunks)
        part = await anext(parts)
        if part.tell() < PART:
            return await self._put_whole(part, where | how)
        begun = await self._ask(
            self._client.create_multipart_upload(**where, **how, ChecksumAlgorithm="SHA256")
        )
        where["UploadId"] = begun["UploadId"]
        done: list[dict[str, Any]] = []
        whole, size = hashlib.sha256(), 0
        try:
            while length := part.tell():
                await asyncio.to_thread(whole.update, part.getbuffer())
                done.append(await self._put_part(part, len(done) + 1, where))
                size += length
                part = await anext(parts, BytesIO())
            answer = await self._ask(
                self._client.complete_multipart_upload(**where, MultipartUpload={"Parts": done}),
                PART_TAKES,
            )
        except BaseException:
            with suppress(StoreUnreachable, LookupError):  # or else a lifecycle rule does it
                await self._ask(self._client.abort_multipart_upload(**where))
            raise
        # The store has held each part against its checksum, and so all of them against this one.
        return StoredObject(version=_version(answer), size=size, sha256=whole.hexdigest())

    async def _put_whole(self, content: BytesIO, how: dict[str, str]) -> StoredObject:
        size, checksum = content.tell(), await _checksum(content)
        asked = self._client.put_object(**how, Body=content, ChecksumSHA256=_base64(checksum))
        answer = await self._ask(asked, PART_TAKES)
        return StoredObject(version=_version(answer), size=size, sha256=checksum.hex())

    async def _put_part(self, part: BytesIO, number: int, where: dict[str, str]) -> dict[str, Any]:
        checksum = _base64(await _checksum(part))
        asked = self._client.upload_part(
            **where, PartNumber=number, Body=part, ChecksumSHA256=checksum
        )
        answer = await self._ask(asked, PART_TAKES)
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": checksum}

    async def remove(self, key: str, /) -> None:
        for _ in range(REMOVALS):
            versions = await self._versions(key)
            if not versions:
                return
            answer = await self._ask(
                self._client.delete_objects(
                    Bucket=self._bucket.name, Delete={"Objects": versions, "Quiet": True}
                )
            )
            if answer.get("Errors"):
                raise StoreUnreachable(answer["Errors"][0].get("Code", "not removed"))
        raise StoreUnreachable("what was removed is listed still")

    async def _versions(self, key: str) -> list[dict[str, str]]:
        """Delete markers among them. A longer key that begins like it sorts after all of them."""
        listed = await self._ask(
            self._client.list_object_versions(
                Bucket=self._bucket.name, Prefix=key, MaxKeys=REMOVED_AT_ONCE
            )
        )
        return [
            {"Key": key, "VersionId": it["VersionId"]}
            for it in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ()))
            if it["Key"] == key
        ]

    async def reachable(self) -> bool:
        try:
            await self._ask(self._client.head_bucket(Bucket=self._bucket.name))
        except (StoreUnreachable, LookupError):
            return False
        return True

    async def _ask(self, asked: Awaitable[Any], times: int = 1) -> Any:
        """None of an empty object's first bytes. Raises LookupError for what is not there."""
        with _failures():
            try:
                async with asyncio.timeout(times * self._bucket.patience):
                    return await asked
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code == _EMPTY:
                    return None
                if code in _NOT_THERE:
                    raise LookupError("there is no such object") from None
                raise


@contextmanager
def _failures() -> Generator[None]:
    """As StoreUnreachable, which names neither a key nor what was sent."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "no code")
        raise StoreUnreachable(f"{error.operation_name}: {code}") from None
    except (BotoCoreError, ConnectionFailed, OSError, TimeoutError) as error:
        raise StoreUnreachable(type(error).__name__) from None


async def _parts(chunks: AsyncIterator[bytes]) -> AsyncIterator[BytesIO]:
    """The same bytes in pieces of PART, or somewhat more; the last is shorter, perhaps empty."""
    part = BytesIO()
    async for chunk in chunks:
        part.write(chunk)
        if part.tell() >= PART:
            yield part
            part = BytesIO()
    yield part


def _stored(head: dict[str, Any], size: int) -> StoredObject:
    """A checksum of parts' checksums says nothing of the whole, and is longer."""
    checksum = head.get("ChecksumSHA256", "")
    whole = len(checksum) == 44 and head.get("ChecksumType") != "COMPOSITE"  # noqa: PLR2004  # Base64 of 32 bytes
    sha256 = base64.b64decode(checksum).hex() if whole else None
    return StoredObject(version=_version(head), size=size, sha256=sha256)


def _version(answer: dict[str, Any]) -> str:
    version: str | None = answer.get("VersionId")
    if version is None:
        raise StoreUnreachable("the bucket keeps no versions")
    return version


def _seconds(lasts: timedelta) -> int:
    return max(1, int(lasts.total_seconds()))


async def _checksum(content: BytesIO) -> bytes:
    """Of all of it, which is then read from its beginning."""
    reckoned = await asyncio.to_thread(hashlib.sha256, content.getbuffer())
    content.seek(0)
    return reckoned.digest()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
