"""Budgets: scopes with a limit, their Omega procedures, and the runtime's settings."""
