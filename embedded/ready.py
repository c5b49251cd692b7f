"""Whether the server of this container is ready: `python -m embedded.ready`, exit status 0 or 1.

With `--path /healthz` whether it lives at all: for whoever replaces a container that says no.
"""

import argparse
import http.client
import sys

PATIENCE = 4  # seconds


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="ready", description="Ask the server beside it.")
    parser.add_argument("--port", type=int, default=8000, help="(%(default)s)")
    parser.add_argument(
        "--path",
        choices=("/readyz", "/healthz"),
        default="/readyz",
        help="is it ready, or does it live at all (%(default)s)",
    )
    options = parser.parse_args(arguments)
    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=PATIENCE)
    try:
        connection.request("GET", options.path)
        answer = connection.getresponse()
        said = answer.read().decode()
    except (OSError, http.client.HTTPException) as fault:
        sys.exit(type(fault).__name__)
    print(said)
    sys.exit(answer.status != http.HTTPStatus.OK)


if __name__ == "__main__":
    main()
