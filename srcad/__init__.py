"""srcad: source-transformation automatic differentiation for Python and NumPy."""
