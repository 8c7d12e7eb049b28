"""Reports of a run in files: each call as data, a page, a profile."""
