"""Ceremonies of passkeys with browsers (W3C Web Authentication, Level 3), by py_webauthn.

An account's user handle is its id in bytes. Attestation is not asked for: any authenticator will do
that verifies its owner and keeps the key where he finds it without saying who he is.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.accounts import Account
from domain.passkeys import Answer, NewKey, Passkey, Use

T = TypeVar("T")

_NAME = "Health&Med"
_CONTENT_LONGEST = 16_384  # characters; an RSA key with its certificates needs a third of it
_CREDENTIAL_ID_LONGEST = 1_023  # bytes (WebAuthn, 7.1)
_MILLISECOND = timedelta(milliseconds=1)
_THIS_MACHINE = {"127.0.0.1", "::1"}  # which is no host that browsers make keys for
_DEFAULT_PORTS = {"http": 80, "https": 443}
_VERIFIED = UserVerificationRequirement.REQUIRED


class WebAuthn:
    """`public_url`: where our pages are. Keys are bound to its host, answers to its origin."""

    def __init__(self, public_url: str) -> None:
        url = urlsplit(public_url)
        host = url.hostname or ""
        self._rp_id = "localhost" if host in _THIS_MACHINE else host
        usual = url.port is None or url.port == _DEFAULT_PORTS.get(url.scheme)
        self._origin = f"{url.scheme}://{self._rp_id}" + ("" if usual else f":{url.port}")

    def creation_options(
        self,
        account: Account,
        label: str,
        challenge: bytes,
        existing: Sequence[Passkey],
        /,
        *,
        lasts: timedelta,
    ) -> str:
        options = webauthn.generate_registration_options(
            rp_id=self._rp_id,
            rp_name=_NAME,
            user_id=account.id.bytes,
            user_name=label,
            challenge=challenge,
            timeout=lasts // _MILLISECOND,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
            ),
            exclude_credentials=[
                PublicKeyCredentialDescriptor(
                    id=passkey.credential_id,
                    transports=[AuthenticatorTransport(each) for each in passkey.transports],
                )
                for passkey in existing
            ],
        )
        return webauthn.options_to_json(options)

    def request_options(self, challenge: bytes, /, *, lasts: timedelta) -> str:
        options = webauthn.generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            timeout=lasts // _MILLISECOND,
            user_verification=_VERIFIED,
        )
        return webauthn.options_to_json(options)

    def read(self, content: str, /) -> Answer | None:
        if len(content) > _CONTENT_LONGEST:
            return None
        created = _unless_it_fails(lambda: parse_registration_credential_json(content))
        signed = _unless_it_fails(lambda: parse_authentication_credential_json(content))
        credential = created or signed
        if credential is None or len(credential.raw_id) > _CREDENTIAL_ID_LONGEST:
            return None
        said = _unless_it_fails(
            lambda: parse_client_data_json(credential.response.client_data_json)
        )
        if said is None or said.cross_origin:  # no page of ours is shown within another's
            return None
        return Answer(
            content=content,
            credential_id=credential.raw_id,
            challenge=said.challenge,
            user_handle=signed.response.user_handle if signed else None,
        )

    def new_key(self, answer: Answer, /) -> NewKey | None:
        verified = _unless_it_fails(
            lambda: webauthn.verify_registration_response(
                credential=answer.content,
                expected_challenge=answer.challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
        )
        if verified is None or verified.credential_id != answer.credential_id:
            return None
        transports = parse_registration_credential_json(answer.content).response.transports
        return NewKey(
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=tuple(sorted({each.value for each in transports or ()})),
            backed_up=verified.credential_backed_up,
        )

    def use(self, answer: Answer, public_key: bytes, /) -> Use | None:
        verified = _unless_it_fails(
            lambda: webauthn.verify_authentication_response(
                credential=answer.content,
                expected_challenge=answer.challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=public_key,
                credential_current_sign_count=0,  # the domain compares it with what is kept
                require_user_verification=True,
            )
        )
        if verified is None:
            return None
        return Use(sign_count=verified.new_sign_count, backed_up=verified.credential_backed_up)


def _unless_it_fails(work: Callable[[], T]) -> T | None:
    """The library has many errors, and lets pass those of what it is built on. Their messages quote
    what strangers sent, so that nothing of them is kept.
    """
    try:
        return work()
    except Exception:  # noqa: BLE001
        return None
