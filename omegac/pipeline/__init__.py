"""The compiler: passes in order, from a source to a Python module, and the evaluation of code within a program."""

from omegac.pipeline.passes import PASSES, Compiled, Pass, Unit, analysed, compile_source, dump, units, verify
from omegac.pipeline.sources import decode_source, read_source

__all__ = [
    "PASSES",
    "Compiled",
    "Pass",
    "Unit",
    "analysed",
    "compile_source",
    "decode_source",
    "dump",
    "read_source",
    "units",
    "verify",
]
