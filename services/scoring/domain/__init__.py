"""What should be credited, from a subject's whole history, and what must be written for it to be so."""
