"""A language server: what editors ask about Omega files, answered by the compiler."""
