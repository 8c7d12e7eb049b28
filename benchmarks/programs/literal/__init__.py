"""The programs in Python that do what the Omega programs do: the same algorithms, and lists made of pairs."""
