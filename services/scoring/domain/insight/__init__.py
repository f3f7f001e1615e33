"""What a team and its people can learn from their own figures; everything here is computed, nothing decided."""
