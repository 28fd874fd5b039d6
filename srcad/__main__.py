"""`python -m srcad`."""

from __future__ import annotations

from srcad.cli import main

if __name__ == "__main__":
    main()
