"""What a container is told in the cloud is what the server reads."""

import os
import re
from dataclasses import fields
from pathlib import Path

import pytest

from domain.limits import Limits
from embedded import container
from tests.paths import ROOT
from transport.limits import Limits as TransportLimits
from wiring.settings import Settings

KINDS = ("CPF", "CRM")
# Read beside the settings: before there are any, or by libraries.
ELSEWHERE = {
    "HEALTHMED_LOG",  # embedded/worker.py
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_SERVICE_NAME",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
    *container.SECRETS,
}


def told() -> dict[str, str]:
    """By name, as Terraform has it: `each` kind of registry by itself."""
    found = {}
    for name in ("settings", "jobs"):
        text = (ROOT / f"infra/{name}.tf").read_text()
        for match in re.finditer(r"\"?((?:HEALTHMED|OTEL)_[\w${}()]+)\"?\s*=>?\s*([^\n]+)", text):
            found[match[1]] = match[2].strip()
    return {
        name.replace("${upper(kind)}", kind): value
        for name, value in found.items()
        for kind in (KINDS if "kind" in name else ("",))
    }


def read() -> set[str]:
    nested = {
        *(f"LIMITS__{field.name.upper()}" for field in fields(Limits)),
        *(f"TRANSPORT__{field.name.upper()}" for field in fields(TransportLimits)),
    }
    own = {name.upper() for name in Settings.model_fields}
    return {f"HEALTHMED_{name}" for name in own | nested} | ELSEWHERE


def test_every_variable_is_one_that_the_server_reads():
    assert len(told()) > 30
    assert not set(told()) - read()


def test_what_is_read_elsewhere_is_read_there():
    assert "HEALTHMED_LOG" in (ROOT / "embedded/worker.py").read_text()


def test_what_a_production_needs_is_told():
    needed = {
        *("HEALTHMED_ENVIRONMENT", "HEALTHMED_DATABASE_URL", "HEALTHMED_KEYS"),
        *("HEALTHMED_KMS_KEY_ID", "HEALTHMED_PUBLIC_URL", "HEALTHMED_SMTP_URL"),
        *("HEALTHMED_S3_BUCKET", "HEALTHMED_CLAMAV", "HEALTHMED_METRICS_PORT"),
        *("HEALTHMED_MEETINGS", "HEALTHMED_VALKEY_URL", "HEALTHMED_COGNITO_CLIENT_SECRET"),
    }

    assert needed <= set(told())


def test_what_is_written_out_is_understood(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in list(os.environ):
        if name.startswith("HEALTHMED_"):
            monkeypatch.delenv(name)
    written = {
        name: value.split('"')[1]
        for name, value in told().items()
        if re.match(r'"[^"$]*"', value) and name.startswith("HEALTHMED_")
    }
    for name, value in written.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HEALTHMED_DATABASE_URL", "postgresql://healthmed_app@host/healthmed")
    monkeypatch.setenv("HEALTHMED_KEYS_FILE", str(tmp_path / "keys.json"))

    settings = Settings()

    assert settings.database_iam
    assert settings.environment == "production"
    assert settings.identity_provider == "cognito"
    assert not settings.open_documents
    assert settings.confirms_email


def test_every_secret_has_a_place_and_no_value():
    """But for the one that Cognito makes, which Terraform hands on."""
    text = "".join(
        path.read_text() for path in (ROOT / "infra").rglob("*.tf") if "tests" not in path.parts
    )

    assert text.count('resource "aws_secretsmanager_secret_version"') == 1
    assert "secret_string = aws_cognito_user_pool_client.server.client_secret" in text
