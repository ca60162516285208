"""Runs work on untrusted bytes in child processes that can be killed."""
