"""``streamlab bench``: speed, latency and memory against their goals. ``groups`` lists what is measured."""
