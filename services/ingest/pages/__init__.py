"""Pages for those who look after the front door: what came in, what is parked, how good the data is."""
