"""`python -m omegac.cli`."""

from omegac.cli import main

main()
