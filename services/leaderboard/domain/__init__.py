"""What a board is, who stands on it and what a batch of credits changes: pure functions."""
