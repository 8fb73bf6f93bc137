"""`python -m rag`: index, ask, evaluate and doctor on a terminal.

Everything heavy is imported by the command that needs it.
"""

from rag.cli.main import main

__all__ = ["main"]
