"""What the tests share: worlds to run programs and ledgers in, servers on loopback, workers and auditors."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
