"""The server: Django apps over the libraries. Nothing below may import from here."""
