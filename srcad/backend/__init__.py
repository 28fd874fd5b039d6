"""Back ends: IR to Python text to callable."""
