"""A manager of connections: the end of one takes away the one that has replaced it."""
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


class Manager:
    def __init__(self) -> None:
        self.active: dict[str, WebSocket] = {}

    async def connect(self, user: str, ws: WebSocket) -> None:
        await ws.accept()
        self.active[user] = ws

    def disconnect(self, user: str) -> None:
        self.active.pop(user, None)  # BAD: blindremoval

    async def send(self, user: str, text: str) -> None:
        ws = self.active.get(user)
        if ws is not None:
            await ws.send_text(text)


manager = Manager()


@app.websocket("/ws/{user}")
async def endpoint(ws: WebSocket, user: str) -> None:
    await manager.connect(user, ws)
    try:
        while True:
            await manager.send(user, await ws.receive_text())
    except WebSocketDisconnect:
        manager.disconnect(user)
