"""A version of the table of parts, which grows with every statement that changes it: what was found at one version is
still right at the same version (see `catalog.found`).

It is the sum over several rows, so that writers at the same time do not wait for each other: a session has a row of
its own as long as there are not more than 64. Stamps come from a sequence and never repeat.
"""

from typing import ClassVar

from django.db import migrations
from django.db.migrations.operations.base import Operation

_FORWARDS = """
CREATE SEQUENCE catalog_part_stamp;
CREATE TABLE catalog_part_version (shard integer PRIMARY KEY, stamp bigint NOT NULL) WITH (fillfactor = 50);
CREATE FUNCTION catalog_part_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO catalog_part_version VALUES (pg_backend_pid() % 64, nextval('catalog_part_stamp'))
        ON CONFLICT (shard) DO UPDATE SET stamp = nextval('catalog_part_stamp');
    RETURN NULL;
END $$;
CREATE TRIGGER catalog_part_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON catalog_part
    FOR EACH STATEMENT EXECUTE FUNCTION catalog_part_changed();
"""
_BACKWARDS = """
DROP TRIGGER catalog_part_changed ON catalog_part;
DROP FUNCTION catalog_part_changed();
DROP TABLE catalog_part_version;
DROP SEQUENCE catalog_part_stamp;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("catalog", "0001_initial")]
    operations: ClassVar[list[Operation]] = [migrations.RunSQL(_FORWARDS, _BACKWARDS)]
