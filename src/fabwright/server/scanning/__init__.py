"""What was seen: rigs, sessions, scans with their images, and the decisions which part each one is."""
