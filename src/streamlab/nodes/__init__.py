"""Built-in nodes that compute: one type per file, in folders by purpose, found through the catalogue."""
