"""Oracles: ways to a derivative that share nothing with the compiler."""
