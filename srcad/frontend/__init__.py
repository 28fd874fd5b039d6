"""The front end: source text to untyped IR."""
