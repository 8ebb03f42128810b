"""The analogues `MOB1-A 3.00` and `MOB2-A 1.0` of the MOB files of panel lines (formats.md 9.2 and 9.3).

The vendor's grammar is not public. These schemas keep to what its pages show and are otherwise ours: they have never
been read by a machine. Their tables stand in docs/reference/panel-files.md.
"""

from fabwright.formats.mob.reader import MobDocument, MobOperation, read_mob
from fabwright.formats.mob.table import MOB1, MOB2
from fabwright.formats.mob.verify import verify_mob
from fabwright.formats.mob.writer import MobHead, write_mob

__all__ = ["MOB1", "MOB2", "MobDocument", "MobHead", "MobOperation", "read_mob", "verify_mob", "write_mob"]
