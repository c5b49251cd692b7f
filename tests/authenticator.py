"""An authenticator in software: keys are real, and so is what it signs (WebAuthn, 6)."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08 | 0x10, 0x40
ES256, EC2, P_256 = -7, 2, 1  # as COSE has them (RFC 9053)


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class Credential:
    id: bytes
    rp_id: str
    user_handle: bytes
    count: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    @property
    def cose(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32), point.y.to_bytes(32)
        return cbor2.dumps({1: EC2, 3: ES256, -1: P_256, -2: x, -3: y})


@dataclass
class Authenticator:
    """With the browser before it, whose page is at `origin`. `counts`: uses, as hardware does.

    What is given to `create` and `get` is told in place of what is true.
    """

    origin: str
    counts: bool = False
    flags: int = PRESENT | VERIFIED
    held: list[Credential] = field(default_factory=list)

    def create(self, options: str, **told: Any) -> str:
        """As `navigator.credentials.create` answers, in JSON."""
        asked = json.loads(options)
        assert {"type": "public-key", "alg": ES256} in asked["pubKeyCredParams"]
        excluded = [read(each["id"]) for each in asked["excludeCredentials"]]
        assert not [each for each in self.held if each.id in excluded], "it has one already"
        made = Credential(secrets.token_bytes(20), asked["rp"]["id"], read(asked["user"]["id"]))
        made.id = told.get("credential_id", made.id)
        self.held.append(made)
        attested = bytes(16) + len(made.id).to_bytes(2) + made.id + made.cose
        about = self._about(made, told, ATTESTED) + attested
        attestation = {"fmt": "none", "attStmt": {}, "authData": about}
        response = {
            "clientDataJSON": show(self._said("webauthn.create", asked, told)),
            "attestationObject": show(cbor2.dumps(attestation)),
            "transports": told.get("transports", ["internal", "hybrid"]),
        }
        return self._answer(made, response)

    def get(self, options: str, **told: Any) -> str:
        """As `navigator.credentials.get` answers, in JSON: by the newest for this page."""
        asked = json.loads(options)
        assert asked["allowCredentials"] == [], "whoever asks knows who is there"
        held = next(each for each in reversed(self.held) if each.rp_id == asked["rpId"])
        held.count += self.counts
        said = self._said("webauthn.get", asked, told)
        about = self._about(held, told)
        signed = about + hashlib.sha256(said).digest()
        key = told.get("key", held.key)
        response = {
            "clientDataJSON": show(said),
            "authenticatorData": show(about),
            "signature": show(key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": show(told.get("user_handle", held.user_handle)),
        }
        return self._answer(held, response)

    def _said(self, type: str, asked: dict[str, Any], told: dict[str, Any]) -> bytes:
        names = {"type": "type", "origin": "origin", "cross_origin": "crossOrigin"}
        said = {
            "type": type,
            "challenge": asked["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
        }
        said |= {names[name]: value for name, value in told.items() if name in names}
        return json.dumps(said).encode()

    def _about(self, held: Credential, told: dict[str, Any], more: int = 0) -> bytes:
        rp_id = hashlib.sha256(told.get("rp_id", held.rp_id).encode()).digest()
        flags = told.get("flags", self.flags) | more
        return rp_id + bytes([flags]) + told.get("count", held.count).to_bytes(4)

    def _answer(self, held: Credential, response: dict[str, Any]) -> str:
        id = show(held.id)
        answer = {"id": id, "rawId": id, "type": "public-key", "response": response}
        more = {"authenticatorAttachment": "platform", "clientExtensionResults": {}}
        return json.dumps(answer | more)


def show(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")
