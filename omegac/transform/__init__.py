"""Core to core: simplification, loops and tail calls, and the weaving of ledger calls."""
