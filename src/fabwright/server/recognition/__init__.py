"""Recognition: signatures of uploaded geometries, and which part the piece of a scan is."""
