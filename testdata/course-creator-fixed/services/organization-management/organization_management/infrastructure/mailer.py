"""Client of the mail gateway."""
import logging

import httpx

logger = logging.getLogger(__name__)


class Mailer:
    """Sends templated messages."""

    def __init__(self, http: httpx.AsyncClient, sender: str) -> None:
        self._http = http
        self._sender = sender

    async def send(self, to: str, template: str, **values: str) -> None:
        """Send one message; raises when the gateway refuses it."""
        response = await self._http.post(
            "/messages",
            json={"from": self._sender, "to": to, "template": template, "values": values},
        )
        response.raise_for_status()
        logger.info("Sent %s to %s", template, to)
