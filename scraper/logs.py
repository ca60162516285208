"""Structured log records."""
