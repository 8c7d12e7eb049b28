"""The library procedures, one module per theme; `registry.load` imports them all."""
