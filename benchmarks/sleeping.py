"""A model that takes its time and does nothing else, in a module that workers can import."""

from __future__ import annotations

import time

from omega_runtime import Reply

SECONDS = 0.05


def sleeping_model(prompt: str) -> Reply:
    """The prompt, after a while."""
    time.sleep(SECONDS)
    return Reply(prompt, 10, 5, "end_turn")


def sleep(datum: object) -> object:
    """The same without a model."""
    time.sleep(SECONDS)
    return datum
