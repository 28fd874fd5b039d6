"""Facts about IR: each analysis is a function from IR to a frozen result."""
