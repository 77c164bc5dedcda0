"""Mail transport with a greeting that is exchanged once."""
from dataclasses import dataclass, field
from typing import Protocol


class Stream(Protocol):
    async def command(self, line: str) -> str: ...


class Dialer(Protocol):
    async def dial(self, host: str, port: int) -> Stream: ...


@dataclass
class MailTransport:
    dialer: Dialer
    host: str
    port: int = 25
    stream: Stream | None = field(default=None, repr=False)
    sent: int = 0

    async def send(self, recipient: str, body: str) -> str:
        if not self.stream:
            stream = await self.dialer.dial(self.host, self.port)
            await stream.command("EHLO")
            self.stream = stream  # BAD: checkthenact
        stream = self.stream
        await stream.command(f"RCPT TO:<{recipient}>")
        answer = await stream.command(body)
        self.sent += 1
        return answer
