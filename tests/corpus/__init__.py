"""Plain functions by construct, each with arguments; all of them go through all checks in both modes."""
