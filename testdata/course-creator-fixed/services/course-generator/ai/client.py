"""Client of the language model's HTTP API."""
import json
import logging
from typing import Any, Dict, Optional

import httpx

logger = logging.getLogger(__name__)


class AIClient:
    """One HTTP connection pool to the model, shared by all generators."""

    def __init__(self, http: httpx.AsyncClient, model: str) -> None:
        self._http = http
        self.model = model

    async def complete_json(
        self, system: str, prompt: str, temperature: float, max_tokens: int
    ) -> Optional[Dict[str, Any]]:
        """The model's answer as an object; None if it is not JSON."""
        response = await self._http.post(
            "/v1/messages",
            json={
                "model": self.model,
                "system": system,
                "messages": [{"role": "user", "content": prompt}],
                "temperature": temperature,
                "max_tokens": max_tokens,
            },
        )
        response.raise_for_status()
        text = response.json()["content"][0]["text"]
        try:
            return json.loads(text)
        except ValueError:
            logger.warning("The model answered with %d characters of prose", len(text))
            return None
