"""The intermediate representation: structured SSA."""
