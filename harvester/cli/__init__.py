"""Layer 5, the door: options become settings, one call, output; errors become exit codes here only."""

from harvester.cli.main import main

__all__ = ["main"]
