"""Facts about core programs: names, assignments, effect rows, and what is certainly wrong."""
