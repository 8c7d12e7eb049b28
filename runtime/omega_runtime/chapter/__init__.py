"""The procedures of the manual's chapter on budgets, by section."""
