"""Measures how much of what decoders really do the verdict tells: `python bench/accuracy.py --pairs 10000 --seed 1`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from law.run import main

if __name__ == "__main__":
    sys.exit(main())
