"""A model that other processes have, too: runs know its answers again."""

from __future__ import annotations

import time

from omega_runtime.models.reply import Reply

asked: list[str] = []
stops_at = ""


def model(prompt: str) -> Reply:
    """An answer of 6 and 4 tokens; at `stops_at` it says so on stdout, and answers much later."""
    asked.append(prompt)
    if prompt == stops_at:
        print("asked", flush=True)
        time.sleep(60)
    return Reply(f"answer to {prompt}", 6, 4)
