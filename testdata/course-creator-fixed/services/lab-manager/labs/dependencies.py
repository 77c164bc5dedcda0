"""What the routes need, made once at startup."""
import os

import httpx

from labs.docker_client import DockerClient
from labs.lifecycle_service import LabLifecycleService
from rag_lab_assistant import RAGLabAssistant


class LabContainer:
    """Filled by its constructor, never changed; closed after the last request."""

    def __init__(self) -> None:
        socket = os.environ.get("DOCKER_SOCKET", "/var/run/docker.sock")
        self._docker_http = httpx.AsyncClient(
            base_url="http://docker", transport=httpx.AsyncHTTPTransport(uds=socket)
        )
        self._rag_http = httpx.AsyncClient(
            base_url=os.environ.get("RAG_BASE_URL", "http://rag-service:8009")
        )
        self._model_http = httpx.AsyncClient(
            base_url=os.environ.get("AI_BASE_URL", "https://ai.internal"), timeout=60
        )
        self.lifecycle = LabLifecycleService(
            DockerClient(self._docker_http),
            image=os.environ.get("LAB_IMAGE", "labs/python-lab-multi-ide"),
            ports=range(31000, 31200),
        )
        self.assistant = RAGLabAssistant(self._rag_http, self._model_http)

    async def close(self) -> None:
        """Close the connections."""
        for http in (self._docker_http, self._rag_http, self._model_http):
            await http.aclose()
