"""Builds the parts and runs them."""
