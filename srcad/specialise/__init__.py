"""Specialisation: an abstract interpreter that turns untyped IR into typed IR for one signature."""
