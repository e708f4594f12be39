"""Signal processing: arrays in, arrays out. Knows no frame, task, clock or file."""
