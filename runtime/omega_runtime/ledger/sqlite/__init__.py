"""Ledgers kept in SQLite files: durable, and shared by processes."""
