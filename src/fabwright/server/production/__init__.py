"""What is built (constructibles, batches, part batches) and where (lines, stations, machines)."""
