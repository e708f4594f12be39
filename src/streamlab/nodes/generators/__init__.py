"""Nodes that make signals, and the clock that ticks them."""
