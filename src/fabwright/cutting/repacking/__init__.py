"""Boards taken apart and put together again until less is lost.

`repack` says which boards are searched together; `search` changes whole plans, `partition` chooses the boards that go
best together out of all that were seen. What a search sees of a plan are trees in arrays (`trees`, `tree_kernel`).
"""

from fabwright.cutting.repacking.repack import repacked

__all__ = ["repacked"]
