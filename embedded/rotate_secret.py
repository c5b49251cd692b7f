"""Rotates the key that signs, in AWS Secrets Manager: `python -m embedded.rotate_secret ARN`.

Nobody but this command and the servers ever reads that secret. Servers take the new key up when
they are started again.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from domain import clock
from domain.limits import Limits
from integrations import keys


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="rotate-secret", description="Sign with a new key, from the next start of a server on."
    )
    parser.add_argument("secret", help="its ARN or name, in the region of AWS's environment")
    options = parser.parse_args(arguments)
    try:
        version = rotate(options.secret, at=clock.now())
    except keys.TooSoon:
        sys.exit("The last rotation is too fresh: tokens of the key before it may be good.")
    except (BotoCoreError, ClientError) as fault:
        sys.exit(f"The secret cannot be read or written: {fault}")
    except (ValueError, KeyError, TypeError):
        sys.exit("The secret holds no keys: begin with new-keys.")
    print(f"Version {version} has a new key. Start the servers again: each signs with it then.")


def rotate(secret: str, *, at: datetime) -> str:
    """Returns the version. Raises keys.TooSoon, and what boto3 and `keys.load` do."""
    client = boto3.client("secretsmanager")
    before = client.get_secret_value(SecretId=secret)["SecretString"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        path.touch(mode=0o600)
        path.write_text(before)
        keys.rotate(path, at=at, tokens_last=Limits().token_for)
        answer = client.put_secret_value(SecretId=secret, SecretString=path.read_text())
    version: str = answer["VersionId"]
    return version


if __name__ == "__main__":
    main()
