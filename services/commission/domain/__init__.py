"""Plans applied to results: pure, exact, and explained step by step."""
