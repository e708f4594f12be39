"""Live views: taps on the outputs of a running graph, and the reducers that make pictures of what passes."""
