"""``streamlab conformance``: what the standards ask of a meter's software, measured on this machine."""
