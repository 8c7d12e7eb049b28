"""Budgets for plain Python: calls that a program makes itself, and those of the providers' own clients."""
