"""The layout of Omega files: blanks and line ends are the formatter's, everything else is left as it is."""

from __future__ import annotations

from omegac.formatting.formatter import FormsDiffer, formatted, indentation

__all__ = ["FormsDiffer", "formatted", "indentation"]
