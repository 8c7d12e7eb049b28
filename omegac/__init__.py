"""omegac: a compiler from Omega Lisp to Python with token budgets compiled in.

The pipeline is in `omegac.pipeline`, with `compile_source` for its front door; `omegac.modules` has `compile_file`.
"""

from omega_runtime.version import __version__

__all__ = ["__version__"]
