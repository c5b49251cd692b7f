"""The bucket: where it is, how one gets in, and how it is to be."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import aioboto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from domain.objects import StoreUnreachable

log = logging.getLogger(__name__)

EXPORTS = "exports/"  # keys of archives, which are made again when they are asked for again
# What is under any other key is a record, whose every version may be the one that a row names: it
# goes by `remove`, and never by itself.
LIFECYCLE = [
    {
        "ID": "unfinished uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    },
    {
        "ID": "exports",
        "Status": "Enabled",
        "Filter": {"Prefix": EXPORTS},
        "Expiration": {"Days": 7},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    },
]
SHUT = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_TRIES, _PAUSE = 20, 0.2  # seconds
_OURS, _UNKNOWN_THERE = "BucketAlreadyOwnedByYou", "NotImplemented"
# Somebody else does the same at this moment.
_AT_ONCE = frozenset({"OperationAborted", "NoSuchBucket"})
_OF_ITSELF = "us-east-1"  # the one region that S3 wants not to be named


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where it is, and how one gets in. Without `endpoint_url` it is AWS's own.

    `public_endpoint_url`: as browsers reach it. Without `access_key_id`, AWS's own chain finds
    credentials. `kms_key_id`: of SSE-KMS; None is SSE-S3. `patience`: seconds for an answer, more
    than one try and all.
    """

    name: str
    endpoint_url: str | None = None
    public_endpoint_url: str | None = None
    region: str = "sa-east-1"
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    kms_key_id: str | None = None
    patience: float = 5.0

    @property
    def encryption(self) -> dict[str, str]:
        """Named in each request, so that no bucket's default is relied upon."""
        if self.kms_key_id is None:
            return {"ServerSideEncryption": "AES256"}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.kms_key_id}

    @asynccontextmanager
    async def clients(self) -> AsyncGenerator[tuple[Any, Any]]:
        """One that asks, and one that signs for browsers."""
        session = aioboto3.Session(
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=self.region,
        )
        config = Config(
            connect_timeout=self.patience / 2,
            read_timeout=self.patience,
            max_pool_connections=100,
            retries={"mode": "standard", "total_max_attempts": 2},
            signature_version="s3v4",
            s3={"addressing_style": "path" if self.endpoint_url else "virtual"},
        )
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(
                session.client("s3", endpoint_url=self.endpoint_url, config=config)
            )
            signer = client
            if self.public_endpoint_url not in {None, self.endpoint_url}:
                signer = await stack.enter_async_context(
                    session.client("s3", endpoint_url=self.public_endpoint_url, config=config)
                )
            yield client, signer


async def prepare(s3: Any, bucket: Bucket, *, pages: str) -> None:
    """Make it if need be, and have it as it is to be. Several may do it at once, and again.

    `pages`: the origin of those that upload to it. Raises StoreUnreachable.
    """
    do = partial(_do, bucket.name)
    await do(s3.create_bucket, _location(bucket), but=_OURS)
    await do(s3.put_bucket_versioning, {"VersioningConfiguration": {"Status": "Enabled"}})
    encryption = {"Rules": [_encryption(bucket)]}
    await do(s3.put_bucket_encryption, {"ServerSideEncryptionConfiguration": encryption})
    shut = {"PublicAccessBlockConfiguration": SHUT}
    if not await do(s3.put_public_access_block, shut, but=_UNKNOWN_THERE):
        log.info("this object store knows no public access block, and nobody is let in anyway")
    cors = {"CORSRules": [_cors(pages)]}
    await do(s3.put_bucket_cors, {"CORSConfiguration": cors})
    rules = {"LifecycleConfiguration": {"Rules": LIFECYCLE}}
    await do(s3.put_bucket_lifecycle_configuration, rules)


async def _do(
    name: str, call: Callable[..., Awaitable[Any]], what: dict[str, Any], *, but: str | None = None
) -> bool:
    """Whether it was done; not so where the store answers with the code `but`."""
    for _ in range(_TRIES):
        try:
            await call(Bucket=name, **what)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "no code")
            if code == but:
                return False
            if code not in _AT_ONCE:
                raise StoreUnreachable(f"{error.operation_name}: {code}") from None
            await asyncio.sleep(_PAUSE)
        except BotoCoreError as error:
            raise StoreUnreachable(type(error).__name__) from None
        else:
            return True
    raise StoreUnreachable("others prepare this bucket all the time")


def _location(bucket: Bucket) -> dict[str, Any]:
    if bucket.endpoint_url or bucket.region == _OF_ITSELF:
        return {}
    return {"CreateBucketConfiguration": {"LocationConstraint": bucket.region}}


def _encryption(bucket: Bucket) -> dict[str, Any]:
    if bucket.kms_key_id is None:
        return {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    by = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": bucket.kms_key_id}
    # With a key of the bucket's own KMS is asked now and then instead of for every object.
    return {"ApplyServerSideEncryptionByDefault": by, "BucketKeyEnabled": True}


def _cors(pages: str) -> dict[str, Any]:
    return {
        "AllowedOrigins": [pages],
        "AllowedMethods": ["GET", "POST"],
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }
