"""What the first helpdesks of this kind were written in."""

import time

from fastapi import FastAPI

app = FastAPI()
started = time.monotonic()


@app.get("/health")
async def health():
    return {"status": "ok", "version": "0.1.0", "uptime": int(time.monotonic() - started)}
