"""What a program may spend: bounds on its calls, tokens and dollars, in the sizes of what it is given.

`algebra` has the formulas, `sizes` what is known of values, `amounts` what is spent, and `asking` what one call takes.
`library` and `arithmetic` say what library procedures make of sizes, `calling` how often they call. `evaluate` walks a
program, and `recursion` solves what calls itself: by `states`, `measures` and `results`.
"""
