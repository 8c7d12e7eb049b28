"""`omegac check`: what a program may spend where nobody looks, found without running it."""
