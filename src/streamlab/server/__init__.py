"""What `streamlab serve` runs: the page's API, its guard, and the worker processes that graphs run in."""
