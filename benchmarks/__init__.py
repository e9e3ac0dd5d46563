"""Measured against what a user would pick instead, in the same run: `make bench`."""
