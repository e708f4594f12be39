"""Nodes that decide what goes where and when: cut, select, split, delay, gate, count, end."""
