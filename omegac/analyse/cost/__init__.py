"""What a program may spend: bounds on its calls, tokens and dollars, in the sizes of what it is given.

`algebra` has the formulas, `sizes` what is known of values, `amounts` what is spent, `library` what procedures of the
library do with both, `evaluate` walks a program, and `recursion` solves what calls itself.
"""
