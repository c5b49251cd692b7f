"""Whether the server of this container is ready: `python -m embedded.ready`, exit status 0 or 1."""

import argparse
import http.client
import sys

PATIENCE = 4  # seconds


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="ready", description="Ask the server's readiness.")
    parser.add_argument("--port", type=int, default=8000, help="(%(default)s)")
    options = parser.parse_args(arguments)
    connection = http.client.HTTPConnection("127.0.0.1", options.port, timeout=PATIENCE)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = answer.read().decode()
    except (OSError, http.client.HTTPException) as fault:
        sys.exit(type(fault).__name__)
    print(said)
    sys.exit(answer.status != http.HTTPStatus.OK)


if __name__ == "__main__":
    main()
