"""Accounts, holds and the ledgers that keep them: nothing is spent that was not held first."""
