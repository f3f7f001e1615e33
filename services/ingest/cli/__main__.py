"""Run as `python -m services.ingest.cli`."""

from services.ingest.cli import cli

if __name__ == "__main__":
    cli()
