"""An SMTP server on the loopback that does what a test wants: what clients need of RFC 5321."""

import asyncio
import base64
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser


@dataclass
class SmtpServer:
    """`replies`: what it says instead to a verb, END being the end of the message; an empty reply
    hangs up. `silent`: it takes the message and never says so.
    """

    replies: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    tls: ssl.SSLContext | None = None
    port: int = 0
    said: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def letters(self) -> list[EmailMessage]:
        parser = BytesParser(_class=EmailMessage, policy=policy.default)
        return [parser.parsebytes(content) for content in self.taken]

    def passwords(self) -> list[str]:
        """As they came by AUTH PLAIN (RFC 4616)."""
        plain = [line.split()[2] for line in self.said if line.upper().startswith("AUTH PLAIN ")]
        return [base64.b64decode(each).decode().replace("\0", ":") for each in plain]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"220 here\r\n")
            while line := (await reader.readline()).decode().rstrip("\r\n"):
                self.said.append(line)
                verb = line.split()[0].upper()
                reply = self.replies.get(verb, self._usual(verb))
                if not reply:
                    break
                writer.write(f"{reply}\r\n".encode())
                if verb == "STARTTLS":
                    await writer.start_tls(self.tls)
                if (
                    verb == "DATA"
                    and reply.startswith("354")
                    and not await self._take(reader, writer)
                ):
                    break
                if verb == "QUIT":
                    break
            writer.close()

    def _usual(self, verb: str) -> str:
        extensions = ["250-here", "250-AUTH PLAIN", "250-STARTTLS" if self.tls else "250-8BITMIME"]
        return {
            "EHLO": "\r\n".join([*extensions, "250 SIZE 1000000"]),
            "AUTH": "235 come in",
            "STARTTLS": "220 go ahead",
            "DATA": "354 go on",
            "QUIT": "221 bye",
        }.get(verb, "250 fine")

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        content = await reader.readuntil(b"\r\n.\r\n")
        self.taken.append(content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
        self.encrypted.append(writer.get_extra_info("ssl_object") is not None)
        if self.silent:
            await asyncio.Event().wait()
        reply = self.replies.get("END", "250 taken")
        if reply:
            writer.write(f"{reply}\r\n".encode())
        return bool(reply)


@asynccontextmanager
async def serving(server: SmtpServer, port: int = 0) -> AsyncGenerator[SmtpServer]:
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await server._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # the streams of Python 3.11 would log it
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
