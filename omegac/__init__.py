"""omegac: a compiler from Omega Lisp to Python with token budgets compiled in.

The pipeline is in `omegac.pipeline`; `compile_source` and `compile_file` are its front door.
"""

__version__ = "0.1.0"
