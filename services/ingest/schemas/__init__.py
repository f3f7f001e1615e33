"""What callers may send and get."""
