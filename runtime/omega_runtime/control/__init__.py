"""What compiled code needs beyond the library: tail calls, guards, deep recursion."""
