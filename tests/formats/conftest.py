"""Example boards: `import plate_examples` works from every test of plate formats."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "plates"))
