"""Worker processes: each runs one graph, with its taps, beside the server. A crash there stays there."""
