"""Loads and validates what is known about each outlet."""
