"""What holds of the bucket: that it is private, and as code has it. And what an S3 costs us."""

import asyncio
import tracemalloc
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
import pytest

from domain.clock import now
from domain.limits import Limits
from domain.objects import StoreUnreachable
from persistence.bucket import EXPORTS, LIFECYCLE, Bucket
from persistence.objects import S3Objects
from tests.kms import serving
from tests.persistence.stores import CONTENT, PDF, Store, chunks, new_key, of_zeros, sha256
from wiring import parts
from wiring.settings import Settings

OURS = "http://127.0.0.1:8000"
MIB = 2**20


@pytest.fixture(scope="module")
def bucket(object_store: dict[str, Any]) -> Bucket:
    if "s3_bucket" not in object_store:
        pytest.skip("no S3 runs on this machine")
    place = parts.bucket(Settings(database_url="", keys_file=Path("none"), **object_store))
    assert place is not None
    # Slow is not down: memory is measured at the cost of time.
    return replace(place, name=f"bucket-{uuid4().hex}", patience=30)


@pytest.fixture(scope="module")
async def store(bucket: Bucket) -> AsyncGenerator[Store]:
    async with (
        S3Objects.open(bucket, Limits()) as objects,
        httpx.AsyncClient(trust_env=False, timeout=20) as browser,
    ):
        await asyncio.gather(*(objects.prepare(pages=OURS) for _ in range(4)))
        yield Store(objects, browser)


# ----------------------------------------------------------------------- privacy


async def test_nobody_gets_in_without_a_signature(store: Store, bucket: Bucket):
    key = new_key()
    stored = await store.stored(key)
    at = f"{bucket.endpoint_url}/{bucket.name}"

    asked = [
        await store.browser.get(bucket.endpoint_url),
        await store.browser.get(at),
        await store.browser.get(f"{at}?versions"),
        await store.browser.get(f"{at}/{key}"),
        await store.browser.get(f"{at}/{key}?versionId={stored.version}"),
        await store.browser.head(f"{at}/{key}"),
        await store.browser.put(f"{at}/{key}", content=b"other"),
        await store.browser.delete(f"{at}/{key}"),
        await store.browser.post(at, data={"key": key}, files={"file": b"other"}),
    ]

    assert {answer.status_code for answer in asked} <= {400, 401, 403}
    assert not any(CONTENT in answer.content or key in answer.text for answer in asked[:3])
    assert await store.objects.look_up(key) == stored


async def test_another_secret_opens_nothing(bucket: Bucket):
    stranger = replace(bucket, secret_access_key="of another")  # noqa: S106
    async with S3Objects.open(stranger, Limits()) as objects:
        assert not await objects.reachable()
        with pytest.raises(StoreUnreachable):
            await objects.look_up("anything")


@pytest.mark.parametrize(
    ("page", "told"), [(OURS, True), ("https://elsewhere.example", False)], ids=["ours", "other"]
)
async def test_our_pages_alone_are_told_how_an_upload_went(store: Store, page: str, told: bool):
    form = await store.form(new_key())

    answer = await store.browser.post(
        form.url, data=dict(form.fields), files={"file": CONTENT}, headers={"origin": page}
    )

    assert answer.headers.get("access-control-allow-origin") == (page if told else None)


# ------------------------------------------------------------------ as code has it


async def test_it_keeps_versions_encrypts_and_forgets_what_is_unfinished(
    store: Store, bucket: Bucket
):
    s3, name = store.objects._client, {"Bucket": bucket.name}

    assert (await s3.get_bucket_versioning(**name))["Status"] == "Enabled"
    encryption = await s3.get_bucket_encryption(**name)
    [rule] = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    rules = (await s3.get_bucket_lifecycle_configuration(**name))["Rules"]
    assert {rule["ID"] for rule in rules} == {rule["ID"] for rule in LIFECYCLE}
    [cors] = (await s3.get_bucket_cors(**name))["CORSRules"]
    assert cors["AllowedOrigins"] == [OURS]


def test_no_version_of_a_record_goes_by_itself():
    """Rows name versions, also such as were stored over since."""
    deleting = [
        rule for rule in LIFECYCLE if {"Expiration", "NoncurrentVersionExpiration"} & {*rule}
    ]

    assert [rule["Filter"] for rule in deleting] == [{"Prefix": EXPORTS}]


async def test_what_is_stored_is_encrypted_in_every_way_of_storing_it(store: Store, bucket: Bucket):
    posted, put, in_parts = new_key(), new_key(), new_key()
    await store.stored(posted)
    await store.objects.put(put, chunks(CONTENT), content_type=PDF)
    await store.objects.put(in_parts, of_zeros(9), content_type=PDF)

    for key in (posted, put, in_parts):
        head = await store.objects._client.head_object(Bucket=bucket.name, Key=key)
        assert head["ServerSideEncryption"] == "AES256"
        assert head["ContentType"] == PDF


async def test_what_breaks_off_leaves_no_parts(store: Store, bucket: Bucket):
    async def breaking_off() -> Any:
        async for chunk in of_zeros(9):
            yield chunk
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await store.objects.put(new_key(), breaking_off(), content_type=PDF)

    left = await store.objects._client.list_multipart_uploads(Bucket=bucket.name)
    assert not left.get("Uploads")


async def test_what_others_deleted_is_removed_as_well(store: Store, bucket: Bucket):
    key, s3 = new_key(), store.objects._client
    kept = await store.stored(key)
    await s3.delete_object(Bucket=bucket.name, Key=key)
    assert await store.objects.look_up(key) is None
    assert await store.bytes_of(key, kept.version) == CONTENT

    await store.objects.remove(key)

    left = await s3.list_object_versions(Bucket=bucket.name, Prefix=key)
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")


async def test_a_bucket_that_keeps_no_versions_is_not_taken(bucket: Bucket):
    bare = replace(bucket, name=f"bare-{uuid4().hex}")
    async with S3Objects.open(bare, Limits()) as objects:
        await objects._client.create_bucket(Bucket=bare.name)

        with pytest.raises(StoreUnreachable, match="versions"):
            await objects.put(new_key(), chunks(CONTENT), content_type=PDF)


async def test_where_there_is_no_bucket_nothing_is_reached(bucket: Bucket):
    async with S3Objects.open(replace(bucket, name="nowhere"), Limits()) as objects:
        assert not await objects.reachable()
        with pytest.raises(StoreUnreachable):
            await objects.put(new_key(), chunks(CONTENT), content_type=PDF)


async def test_browsers_are_sent_where_they_reach_it(bucket: Bucket):
    seen_from_outside = replace(bucket, public_endpoint_url="https://files.example")
    async with S3Objects.open(seen_from_outside, Limits()) as objects:
        form = await objects.upload_form(
            "a", content_type=PDF, size=1, sha256=sha256(b"."), at=now()
        )
        url, _ = await objects.link("a", "1", name="a.pdf", content_type=PDF, at=now())

    assert form.url == f"https://files.example/{bucket.name}"
    assert url.startswith(f"https://files.example/{bucket.name}/a?")


async def test_on_aws_it_is_asked_in_its_own_region_and_by_its_key(bucket: Bucket):
    on_aws = replace(bucket, name="records", endpoint_url=None, kms_key_id="arn:aws:kms:x:key/1")
    async with S3Objects.open(on_aws, Limits()) as objects:
        form = await objects.upload_form(
            "a", content_type=PDF, size=1, sha256=sha256(b"."), at=now()
        )
        url, _ = await objects.link("a", "1", name="a.pdf", content_type=PDF, at=now())

    told = dict(form.fields)
    assert told["x-amz-server-side-encryption"] == "aws:kms"
    assert told["x-amz-server-side-encryption-aws-kms-key-id"] == "arn:aws:kms:x:key/1"
    assert form.url == "https://records.s3.sa-east-1.amazonaws.com/"
    assert url.startswith("https://records.s3.sa-east-1.amazonaws.com/a?")


async def test_on_aws_it_is_shut_and_all_of_it_is_encrypted_by_its_key():
    key, arn = new_key(), "arn:aws:kms:sa-east-1:123456789012:key/1"
    with serving() as amazon:
        place = Bucket(
            name="records",
            endpoint_url=amazon["AWS_ENDPOINT_URL_KMS"],  # moto plays S3 there, too
            region="us-east-1",
            access_key_id="test",
            secret_access_key="test",  # noqa: S106
            kms_key_id=arn,
            patience=30,
        )
        async with S3Objects.open(place, Limits()) as objects:
            await objects.prepare(pages=OURS)
            s3, name = objects._client, {"Bucket": place.name}
            shut = await s3.get_public_access_block(**name)
            encryption = await s3.get_bucket_encryption(**name)

            await s3.delete_bucket_encryption(**name)  # nor is it relied upon
            await objects.put(key, chunks(CONTENT), content_type=PDF)
            await objects.put(f"{key}2", of_zeros(9), content_type=PDF)
            heads = [await s3.head_object(Key=each, **name) for each in (key, f"{key}2")]

    assert set(shut["PublicAccessBlockConfiguration"].values()) == {True}
    [rule] = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    by = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    assert rule["ApplyServerSideEncryptionByDefault"] == by
    told = {(head["ServerSideEncryption"], head["SSEKMSKeyId"]) for head in heads}
    assert told == {("aws:kms", arn)}


# ------------------------------------------------------------------------- memory


class Peak:
    """MiB of Python's memory that were in use at once while it is entered, beyond those before."""

    def __enter__(self) -> Self:
        tracemalloc.start()
        self._before, _ = tracemalloc.get_traced_memory()
        return self

    def __exit__(self, *_: object) -> None:
        _, peak = tracemalloc.get_traced_memory()
        self.mib = (peak - self._before) / MIB
        tracemalloc.stop()


async def test_of_a_large_file_little_is_held_at_once(store: Store):
    key = new_key()
    with Peak() as putting:
        stored = await store.objects.put(key, of_zeros(64), content_type=PDF)

    with Peak() as reading:
        length = sum([len(chunk) async for chunk in store.objects.read(key, stored.version)])

    assert length == 64 * MIB
    assert putting.mib < 30
    assert reading.mib < 3


async def test_two_hundred_at_once_are_held_no_more_than_their_chunks(store: Store):
    key = new_key()
    stored = await store.objects.put(key, of_zeros(1), content_type=PDF)

    async def take_part() -> int:
        await store.form(new_key())
        await store.objects.look_up(key)
        return sum([len(chunk) async for chunk in store.objects.read(key, stored.version)])

    with Peak() as peak:
        lengths = await asyncio.gather(*(take_part() for _ in range(200)))

    assert lengths == [MIB] * 200
    assert peak.mib < 60
