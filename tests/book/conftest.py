"""Let the tests import the tools, and keep pytest --nbval from running the fixtures."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

collect_ignore_glob = ["fixtures/*"]
