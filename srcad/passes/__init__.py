"""Passes: IR in, IR out, one per file."""
