"""Fresh keys of a server, for a store of secrets: `python -m embedded.new_keys > keys.json`."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from integrations import keys


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="new-keys",
        description="Print fresh keys, as HEALTHMED_KEYS takes them. Keep them apart from the"
        " database: without them nothing that is sealed in it can be read again.",
    )
    parser.add_argument("--kms", action="store_true", help="a key of AWS KMS wraps the data keys")
    parser.add_argument("--file", type=Path, help="write them there, unless it is there already")
    options = parser.parse_args(arguments)
    if options.file is not None:
        if not options.file.exists():
            keys.create(options.file, wraps=not options.kms)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        keys.create(path, wraps=not options.kms)
        print(path.read_text())


if __name__ == "__main__":
    main()
