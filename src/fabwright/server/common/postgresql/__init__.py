"""The database engine: Django's own for PostgreSQL, with habits that spare round trips and planning (see `base`)."""
