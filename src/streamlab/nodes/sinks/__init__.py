"""Nodes at the end of a branch: show frames, keep them."""
