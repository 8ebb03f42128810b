"""The example panels as a fixture module: `import bom_examples` works from every test of this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
