"""Mail that is kept in a folder, a file for each message, for whoever runs the server alone."""

import asyncio
import os
from pathlib import Path

from domain.mail import Mail, NotSent
from integrations.letters import Letters


class FolderPost:
    """Files are named by the mail's id, hence in the order in which it was made."""

    def __init__(self, folder: Path, letters: Letters) -> None:
        self._folder, self._letters = folder, letters

    async def send(self, mail: Mail, /) -> None:
        try:
            letter = self._letters.write(mail)
        except ValueError as fault:
            raise NotSent("no server would take this address", for_good=True) from fault
        try:
            await asyncio.to_thread(self._keep, f"{mail.id}.eml", letter.as_bytes())
        except OSError as fault:
            raise NotSent(f"the folder cannot be written: {fault.strerror}") from None

    def _keep(self, name: str, letter: bytes) -> None:
        """Nobody finds half of it. There are links in it, which are its owner's."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = self._folder / f"{name}.part"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(letter)
        half.replace(self._folder / name)
