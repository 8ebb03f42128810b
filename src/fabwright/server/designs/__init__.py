"""Designs: what a panel or module is, in revisions; their files, their parts, and the imports that make them."""
