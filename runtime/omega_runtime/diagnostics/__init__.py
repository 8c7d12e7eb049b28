"""Errors told in Omega's terms: what inlined code raised, tracebacks with Omega's places, uncaught errors."""
