"""A made-up package with migrations."""
