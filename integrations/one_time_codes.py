"""Codes of authenticator apps (TOTP, RFC 6238), and the QR code by which an app learns its secret.

As all apps have them: SHA-1, six digits, a new one every 30 seconds.
"""

import io
from datetime import datetime

import pyotp
import segno

_ISSUER = "Health&Med"
_WINDOW = 1  # steps to either side, for clocks that differ and for slow typing (RFC 6238, 5.2)


class PyotpCodes:
    def new_secret(self) -> str:
        return pyotp.random_base32()

    def uri(self, secret: str, name: str, /) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)

    def qr_code(self, uri: str, /) -> str:
        written = io.BytesIO()
        drawing = segno.make_qr(uri, error="m")
        # On a ground of its own, for dark pages; without a size, which is the page's to choose.
        drawing.save(
            written,
            kind="svg",
            light="#fff",
            xmldecl=False,
            svgclass=None,
            lineclass=None,
            omitsize=True,
            nl=False,
        )
        return written.getvalue().decode()

    def terminal_qr_code(self, uri: str, /) -> str:
        """As lines of text."""
        written = io.StringIO()
        segno.make_qr(uri, error="m").terminal(written, border=2, compact=True)
        return written.getvalue()

    def step_of(self, secret: str, code: str, /, *, at: datetime) -> int | None:
        try:
            return pyotp.TOTP(secret).verify_and_get_timecode(
                code, for_time=at, valid_window=_WINDOW
            )
        except pyotp.OTPVerificationError:
            return None
