"""The world around a program: what it may see of files and of the environment, and how files are opened."""
