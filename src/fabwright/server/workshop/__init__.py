"""The workshop's record: which station has started and finished what, tasks done, issues raised, photos of both."""
