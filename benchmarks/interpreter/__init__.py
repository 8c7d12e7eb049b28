"""A reference interpreter for Omega: it runs the resolved core language directly.

It shares the reader, the expander and the library with the compiler, and nothing that comes after them, so that
where compiled and interpreted programs disagree, one of the two is wrong.

Each node becomes a Python closure that takes the environment and gives the node's value ("compiling to
closures", Feeley and Lapalme 1987): what is known before the program runs, such as the kind of a node and the place of
a variable, is looked up once and not each time the node is evaluated.
"""

from benchmarks.interpreter.program import Interpreted, interpret, prepare

__all__ = ["Interpreted", "interpret", "prepare"]
