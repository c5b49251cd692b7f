"""One server, without anything beside it: `python -m embedded.serve`, for containers.

One process, so that whoever runs containers sees, counts and replaces each server by itself. It
takes everything from the environment, migrates nothing, and drains at SIGTERM.
"""

import argparse
import errno
import socket
import sys

from embedded.worker import serve

BACKLOG = 4096


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    serve(_listen(options.host, options.port))


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            sys.exit(f"Port {port} of {host} is in use by another program; choose another --port.")
        sys.exit(f"Cannot listen on port {port} of {host}: {fault.strerror}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="serve", description="Run one server.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="(%(default)s)")
    return parser


if __name__ == "__main__":
    main()
