"""Client of the Docker engine, as far as labs need it."""
from typing import Dict, Optional

import httpx


class DockerError(RuntimeError):
    """The engine refused a request."""


class DockerClient:
    """Starts and removes containers."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def start(self, image: str, port: int, environment: Dict[str, str]) -> str:
        """Create and start a container; returns its id."""
        response = await self._http.post(
            "/containers/create",
            json={
                "Image": image,
                "Env": [f"{name}={value}" for name, value in environment.items()],
                "HostConfig": {"PortBindings": {"8080/tcp": [{"HostPort": str(port)}]}},
            },
        )
        if response.status_code != 201:
            raise DockerError(response.text)
        container_id = response.json()["Id"]
        started = await self._http.post(f"/containers/{container_id}/start")
        if started.status_code not in (204, 304):
            await self.remove(container_id)
            raise DockerError(started.text)
        return container_id

    async def remove(self, container_id: str) -> None:
        """Stop and remove a container; removing what is gone is fine."""
        await self._http.delete(f"/containers/{container_id}", params={"force": "true"})

    async def state(self, container_id: str) -> Optional[str]:
        """running, exited, …; None if there is no such container."""
        response = await self._http.get(f"/containers/{container_id}/json")
        if response.status_code == 404:
            return None
        return response.json()["State"]["Status"]
