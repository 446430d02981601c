"""Deliberate bugs, one per patch: what the worlds are worth is how many of them they catch."""
