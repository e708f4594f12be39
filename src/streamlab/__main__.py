"""``python -m streamlab``: the same as the command ``streamlab``."""

from streamlab.cli import main

main()
