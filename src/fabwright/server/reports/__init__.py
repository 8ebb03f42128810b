"""Reports: requests for documents and machine files, their versions, and the jobs that make them once."""
