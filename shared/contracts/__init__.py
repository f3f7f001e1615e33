"""What travels between the services: frozen dataclasses, their schemas, their bytes on the bus."""
