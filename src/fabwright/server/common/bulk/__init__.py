"""Resources as the checking side speaks of them: one object or many at once, found by the customer's id.

- `keyed`: the base of rows that the customer names.
- `entries`: what a client may write, as msgspec structs; from raw JSON to entries, with every error in its row.
- `tables`: the one write path (create, update or create, delete), set-based: no query per row.
- `schema`: the OpenAPI description, made of the same structs.
- `views`, `router`: the eight verbs of a resource and their addresses.
"""
