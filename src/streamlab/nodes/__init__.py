"""Built-in nodes that compute: one type per file, found through the catalogue."""
