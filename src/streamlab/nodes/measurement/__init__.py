"""Nodes that measure: numbers over time from a signal."""
