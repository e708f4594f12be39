"""Nodes that judge: bounds, masks, verdicts."""
