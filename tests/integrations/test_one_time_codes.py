"""Codes are those of RFC 6238, and a QR code holds the URI that is told with it."""

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno

from integrations.one_time_codes import PyotpCodes

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # noqa: S105  # RFC 6238's own, in base 32
VECTORS = {  # RFC 6238, appendix B, SHA-1: the last six digits of its eight
    59: "287082",
    1_111_111_109: "081804",
    1_111_111_111: "050471",
    1_234_567_890: "005924",
    2_000_000_000: "279037",
    20_000_000_000: "353130",
}
codes = PyotpCodes()


def step_of(code: str, seconds: float) -> int | None:
    return codes.step_of(SECRET, code, at=datetime.fromtimestamp(seconds, UTC))


@pytest.mark.parametrize(("seconds", "code"), VECTORS.items())
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str):
    assert step_of(code, seconds) == seconds // 30


def test_a_code_is_good_a_step_before_and_after_its_own():
    start = 1_234_567_890 // 30 * 30
    code = VECTORS[1_234_567_890]

    assert step_of(code, start - 30.001) is None
    assert {step_of(code, start + seconds) for seconds in (-30, 0, 29.999, 59.999)} == {start // 30}
    assert step_of(code, start + 60) is None


@pytest.mark.parametrize("code", ["287083", "287 082", "94287082", "87082", ""])
def test_anything_else_is_of_no_step(code: str):
    assert step_of(code, 59) is None


def test_every_secret_is_another_one_of_160_bits():
    made = {codes.new_secret() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch("[A-Z2-7]{32}", secret) for secret in made)


def test_the_uri_is_as_apps_take_it():
    """Key Uri Format: the label is issuer:account, and the issuer is told once more."""
    uri = urlsplit(codes.uri(SECRET, "ana+1@example.com"))

    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Health&Med:ana+1@example.com"
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Health&Med"]}


def test_the_qr_code_is_of_the_uri_and_has_its_quiet_zone():
    uri = codes.uri(SECRET, "ana@example.com")
    picture = ET.fromstring(codes.qr_code(uri))  # noqa: S314  # our own

    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    ground, lines = picture
    side = int(picture.attrib["viewBox"].split()[2])
    assert ground.attrib == {"fill": "#fff", "d": f"M0 0h{side}v{side}h-{side}z"}
    expected = segno.make_qr(uri, error="m").matrix
    assert side == len(expected) + 2 * 4
    dark = {(x + 4, y + 4) for y, row in enumerate(expected) for x, bit in enumerate(row) if bit}
    assert modules(lines.attrib["d"]) == dark


def modules(path: str) -> set[tuple[int, int]]:
    """What lines of width 1 blacken, row by row."""
    x, y, dark = 0.0, 0.0, set()
    for command, given in re.findall(r"([Mmh])([^Mmh]*)", path):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", given)]
        if command == "h":
            dark |= {(int(x) + step, int(y)) for step in range(int(numbers[0]))}
            x += numbers[0]
        else:
            from_x, from_y = (x, y) if command == "m" else (0, 0)
            x, y = from_x + numbers[0], from_y + numbers[1]
    return dark
