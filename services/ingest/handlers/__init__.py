"""What the front door does: decide with domain, write with store."""
