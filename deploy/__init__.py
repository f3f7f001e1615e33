"""How the services are brought together and run: on one machine, in containers, with an example office."""
