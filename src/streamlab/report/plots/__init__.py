"""The plots of a report, by matplotlib: over time, over frequency, in bands, as images."""
