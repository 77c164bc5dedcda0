"""The framework runs a plain function named in an annotation in its thread pool."""
from typing import Annotated, Any

from fastapi import Depends, FastAPI

app = FastAPI()
_model: Any = None


def load_model(name: str) -> Any:
    return open(name, "rb")


def get_model() -> Any:
    global _model
    if _model is None:
        _model = load_model("base.onnx")  # BAD: checkthenact
    return _model


@app.post("/embed")
async def embed(text: str, model: Annotated[Any, Depends(get_model)]) -> list[float]:
    return model.run(text)
