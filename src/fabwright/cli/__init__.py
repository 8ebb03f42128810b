"""The command line: thin, one module per command; everything it does lives in the rooms below."""
