"""What the front door decides, without any engine."""
