"""Benches: `make bench`. Each prints ratios of two things measured in one run; nothing is asserted."""
