"""Omega files and what they need of each other: where they are, what they export, and what is kept of them."""

from omegac.modules.loading import Loaded, Modules, Program, Unavailable, compile_file, surroundings_of

__all__ = ["Loaded", "Modules", "Program", "Unavailable", "compile_file", "surroundings_of"]
