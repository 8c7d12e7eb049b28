"""Core to Python: names, lowering to `ast`, and readable text."""
