"""omegac: a compiler from Omega Lisp to Python with token budgets compiled in.

The pipeline is in `omegac.pipeline`; `compile_source` and `compile_file` are its front door.
"""

from omega_runtime.version import __version__

__all__ = ["__version__"]
