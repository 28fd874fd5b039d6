"""Snapshots of generated source: reviewed as diffs, each executed and checked."""
