"""The programs, each in Omega, in Hy and in Python.

Each has a procedure `run` that takes a size and gives a number or a text.
"""

PROGRAMS = {
    "fib": ("recursion", 25),
    "tak": ("recursion with three arguments", 21),
    "collatz": ("tail loops, integer division", 2_000),
    "mandelbrot": ("tail loops, floats", 60),
    "sieve": ("vectors", 80_000),
    "parity": ("mutual recursion", 300),
    "pairs": ("linked lists, built and walked", 10_000),
    "queens": ("recursion over short lists", 8),
    "folds": ("map, filter and fold with closures", 60_000),
    "closures": ("closures with set!", 80_000),
    "trees": ("records", 5_000),
    "strings": ("strings and characters", 1_500),
    "tables": ("hash tables", 40_000),
    "sort": ("sorting with the library", 12_000),
    "ack": ("recursion in arguments", 60),
    "sumloop": ("a loop that counts", 100_000),
    "pipeline": ("map, filter and fold with short procedures", 100_000),
    "deriv": ("symbolic differentiation", 60),
    "wordassoc": ("words counted in an association list", 4_000),
    "wordhash": ("words counted in a hash table", 12_000),
    "effects": ("calls to a model that answers at once, under three budgets", 20_000),
}
"""What each program is about, and its size."""
