"""Schemathesis, let loose on every field of the schema: anonymous, as a doctor and as a patient.

Half of its texts are what the server knows (ids, say), so that it comes past the first check.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.judges import people
from tests.judges.node import HERE
from tests.judges.running import Running
from tests.paths import ROOT

COMMAND = HERE / "schemathesis" / ".venv" / "bin" / "schemathesis"
EXAMPLES = 10  # of each root field
CONFIG = """
[dictionaries.known]
values = {known}

[dictionaries.small]
values = [-1, 0, 1, 2, 5, 30, 100, 101]

[generation.dictionaries]
string = {{ dictionary = "known", probability = 0.5 }}
integer = {{ dictionary = "small", probability = 0.7 }}
"""


@pytest.mark.parametrize("role", ["anonymous", "doctor", "patient"])
def test_no_operation_makes_the_server_fail(server: Running, tmp_path: Path, role: str):
    doctor, patient = people.doctor(server), people.patient(server)
    slots = people.publish(server, doctor, 10)
    known = [doctor.id, patient.id, *slots, "cardiologia", "America/Sao_Paulo", "123456/SP"]
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(known=json.dumps(known)))
    tokens = {"doctor": doctor.token, "patient": patient.token}
    signed_in = ["-H", f"authorization: Bearer {tokens[role]}"] if role in tokens else []

    run = subprocess.run(
        [
            *(COMMAND, "--config-file", config, "run", ROOT / "schema.graphql"),
            *("--url", server.url, "--checks", "no_fault_of_the_server"),
            *("--max-examples", str(EXAMPLES), "--generation-database", "none", "--no-color"),
            *signed_in,
        ],
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "checks", "PYTHONPATH": str(HERE / "schemathesis")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert server.faults() == []
