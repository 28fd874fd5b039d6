"""Tests of srcad."""
