"""What is sorted together and where it goes: batches, queries, their categories, outputs."""
