"""Client of the embedding API, which wants a short-lived access token."""
import logging
import time
from dataclasses import dataclass
from typing import List, Optional, Sequence

import httpx

logger = logging.getLogger(__name__)

EXPIRY_MARGIN_SECONDS = 30.0
MAX_BATCH = 64


@dataclass(frozen=True)
class AccessToken:
    """A bearer token and the moment it becomes useless."""

    value: str
    expires_at: float

    def fresh(self, now: float) -> bool:
        """Whether the token will live through one more request."""
        return now < self.expires_at - EXPIRY_MARGIN_SECONDS


class EmbeddingClient:
    """Turns texts into vectors; shared by all requests."""

    def __init__(
        self, http: httpx.AsyncClient, client_id: str, client_secret: str, model: str
    ) -> None:
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._model = model
        self._token: Optional[AccessToken] = None

    async def embed(self, texts: Sequence[str]) -> List[List[float]]:
        """One vector per text, in the order of the texts."""
        vectors: List[List[float]] = []
        for start in range(0, len(texts), MAX_BATCH):
            batch = list(texts[start : start + MAX_BATCH])
            vectors.extend(await self._embed_batch(batch))
        return vectors

    async def _embed_batch(self, batch: List[str]) -> List[List[float]]:
        """One request to the API."""
        token = await self._access_token()
        response = await self._http.post(
            "/v1/embeddings",
            json={"model": self._model, "input": batch},
            headers={"Authorization": f"Bearer {token}"},
        )
        response.raise_for_status()
        return [entry["embedding"] for entry in response.json()["data"]]

    async def _access_token(self) -> str:
        """A token that is still good; a new one revokes the one before."""
        if self._token is None or not self._token.fresh(time.time()):
            logger.info("Refreshing the access token of the embedding API")
            self._token = await self._request_token()
        return self._token.value

    async def _request_token(self) -> AccessToken:
        """Exchange the client credentials for a token."""
        response = await self._http.post(
            "/oauth/token",
            data={
                "grant_type": "client_credentials",
                "client_id": self._client_id,
                "client_secret": self._client_secret,
            },
        )
        response.raise_for_status()
        body = response.json()
        return AccessToken(body["access_token"], time.time() + float(body["expires_in"]))
