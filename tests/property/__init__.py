"""Random programs, the checks that every program must pass, and planted faults."""
