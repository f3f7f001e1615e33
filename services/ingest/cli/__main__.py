"""Run as `python -m services.ingest.cli`."""

from services.ingest.cli import cli

cli()
