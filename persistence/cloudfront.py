"""Links through CloudFront: its signed URLs with a canned policy.

As https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/ has them
(private-content-creating-signed-url-canned-policy): RSA, SHA-1, a Base64 of its own.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_IN_URLS = str.maketrans("+=/", "-_~")


@dataclass(frozen=True, slots=True)
class CloudFront:
    """`url`: https://host, of a distribution that hands query strings on to the bucket."""

    url: str
    key_pair_id: str
    _key: RSAPrivateKey = field(repr=False)

    @classmethod
    def open(cls, url: str, key_pair_id: str, private_key: Path) -> "CloudFront":
        """Raises OSError, or ValueError if the file holds no private RSA key in PEM."""
        key = load_pem_private_key(private_key.read_bytes(), password=None)
        if not isinstance(key, RSAPrivateKey):
            raise ValueError("CloudFront's key is an RSA key.")  # noqa: TRY004  # of a file
        return cls(url.rstrip("/"), key_pair_id, key)

    def sign(self, key: str, query: dict[str, str], *, until: datetime) -> str:
        """`query` is in what is signed, so that nobody changes the version or the name."""
        resource = f"{self.url}/{quote(key)}?{urlencode(query, quote_via=quote)}"
        expires = int(until.timestamp())
        condition = {"DateLessThan": {"AWS:EpochTime": expires}}
        policy = {"Statement": [{"Resource": resource, "Condition": condition}]}
        text = json.dumps(policy, separators=(",", ":")).encode()
        signature = base64.b64encode(self._key.sign(text, PKCS1v15(), SHA1())).decode()  # noqa: S303
        return (
            f"{resource}&Expires={expires}&Signature={signature.translate(_IN_URLS)}"
            f"&Key-Pair-Id={self.key_pair_id}"
        )
