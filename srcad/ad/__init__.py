"""Differentiation: IR in, IR out."""
