"""Omega interactively: a session that evaluates input after input, its commands, the terminal, and transcripts."""
