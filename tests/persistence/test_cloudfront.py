"""CloudFront's links, read as CloudFront reads them: by the public key, and to the letter."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from domain.limits import Limits
from persistence.bucket import Bucket
from persistence.cloudfront import CloudFront
from persistence.objects import S3Objects
from wiring.parts import cloudfront
from wiring.settings import Settings

AT = datetime(2030, 6, 3, 9, 15, tzinfo=UTC)
UNTIL = AT + timedelta(seconds=60)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def written(path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> Path:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return written(tmp_path / "cloudfront.pem", KEY)


def settings(**given: object) -> Settings:
    return Settings(database_url="", keys_file=Path("none"), **given)


async def test_a_link_is_signed_as_cloudfront_proves_it(key_file: Path):
    cloudfront = CloudFront.open("https://files.example/", "K2", key_file)
    place = Bucket(name="records", access_key_id="a", secret_access_key="b")  # noqa: S106
    async with S3Objects.open(place, Limits(), cloudfront) as objects:
        url, until = await objects.link(
            "a/b", "v1", name='É "um" exame.pdf', content_type="application/pdf", at=AT
        )

    assert until == UNTIL
    assert url.startswith("https://files.example/a/b?")
    resource, _, _ = url.partition("&Expires=")
    told = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
    assert told["versionId"] == "v1"
    assert told["response-content-type"] == "application/pdf"
    assert told["response-content-disposition"].startswith("attachment; ")
    assert (told["Key-Pair-Id"], told["Expires"]) == ("K2", str(int(UNTIL.timestamp())))
    policy = {
        "Statement": [
            {
                "Resource": resource,
                "Condition": {"DateLessThan": {"AWS:EpochTime": int(UNTIL.timestamp())}},
            }
        ]
    }
    signature = base64.b64decode(told["Signature"].translate(str.maketrans("-_~", "+=/")))
    text = json.dumps(policy, separators=(",", ":")).encode()
    KEY.public_key().verify(signature, text, PKCS1v15(), SHA1())  # noqa: S303


def test_it_is_what_the_sdk_makes_of_it(key_file: Path):
    ours = CloudFront.open("https://files.example", "K2", key_file)
    sdk = CloudFrontSigner("K2", lambda text: KEY.sign(text, PKCS1v15(), SHA1()))  # noqa: S303

    signed = ours.sign("a", {"versionId": "v+/= 1"}, until=UNTIL)

    plain, _, _ = signed.partition("&Expires=")
    assert signed == sdk.generate_presigned_url(plain, date_less_than=UNTIL)


async def test_uploads_go_to_the_bucket_all_the_same(key_file: Path):
    cloudfront = CloudFront.open("https://files.example", "K2", key_file)
    place = Bucket(name="records", access_key_id="a", secret_access_key="b")  # noqa: S106
    async with S3Objects.open(place, Limits(), cloudfront) as objects:
        form = await objects.upload_form("a", content_type="a/b", size=1, sha256="00" * 32, at=AT)

    assert form.url == "https://records.s3.sa-east-1.amazonaws.com/"


def test_it_is_configured_whole_or_not_at_all(tmp_path: Path, key_file: Path):
    url = "https://files.example"
    curve = written(tmp_path / "ec.pem", ec.generate_private_key(ec.SECP256R1()))
    whole = settings(
        cloudfront_url=url, cloudfront_key_pair_id="K2", cloudfront_private_key_file=key_file
    )

    assert cloudfront(settings()) is None
    assert cloudfront(whole) is not None
    assert "PRIVATE KEY" not in repr(cloudfront(whole))
    for file in (None, tmp_path / "missing.pem", curve, tmp_path):
        half = whole.model_copy(update={"cloudfront_private_key_file": file})
        with pytest.raises(SystemExit, match="HEALTHMED_CLOUDFRONT"):
            cloudfront(half)
    with pytest.raises(SystemExit, match="KEY_PAIR_ID"):
        cloudfront(whole.model_copy(update={"cloudfront_key_pair_id": ""}))
