"""Speed and quality, measured side by side with a peer where one can be installed: `make bench`."""
