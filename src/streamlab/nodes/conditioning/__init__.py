"""Nodes that prepare a signal: scale, unit, offset, sum, and whether it can be trusted."""
