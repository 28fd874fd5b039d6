"""What generated code may import: NumPy only."""
