"""NLP preprocessing service."""
from typing import Any, Dict, List

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from nlp.pipeline import Pipeline

app = FastAPI(title="NLP Preprocessing")
pipeline = Pipeline()


class TextBody(BaseModel):
    text: str


class BatchBody(BaseModel):
    texts: List[str]


@app.post("/api/v1/process")
async def process(body: TextBody) -> Dict[str, Any]:
    """Process one text."""
    try:
        result = await pipeline.process(body.text)
    except ValueError as error:
        raise HTTPException(status_code=413, detail=str(error)) from error
    return {"tokens": result.tokens, "intent": result.intent, "entities": result.entities}


@app.post("/api/v1/process/batch")
async def process_batch(body: BatchBody) -> Dict[str, Any]:
    """Process several texts."""
    results = await pipeline.process_all(body.texts)
    return {"processed": len(results), "intents": [result.intent for result in results]}
