"""Checks of what the passes leave to each other, and of the Python at the end; each raises CompilerBug."""
