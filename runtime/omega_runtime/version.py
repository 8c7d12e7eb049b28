"""The version that compiler and runtime share, and the number of what compiled modules rely on."""

__version__ = "0.1.0"

INTERFACE = 2
"""Modules compiled for another interface than this must be compiled again; see `omega_runtime.compiled`."""
