"""Django's PostgreSQL engine with a health check that costs nothing, and with prepared statements where asked for.

Prepared statements live as long as a session. A pooler in front of the database must therefore keep sessions (as it
must for LISTEN, on which workers depend anyway).
"""

import select
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper

_OFTEN = 2  # a statement is prepared when it comes for the second time on a connection
_MANY = 1_000  # parameters; the protocol carries 65,535 at most, and such a statement does not come again


class PreparedCursor(base.CursorMixin, psycopg.Cursor[Any]):
    """A cursor whose statements are planned once per connection, when they come again."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> "PreparedCursor":
        if params is not None and len(params) > _MANY:
            query, params = psycopg.ClientCursor(self.connection).mogrify(query, params), None
            options["prepare"] = False
        super().execute(query, params, **options)
        return self


class DatabaseWrapper(base.DatabaseWrapper):
    """The engine `fabwright.server.common.postgresql`."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        options = f"{conn_params.get('options', '')} -c plan_cache_mode=force_generic_plan".strip()
        made = super().get_new_connection({**conn_params, "options": options})
        made.prepare_threshold = _OFTEN  # only for `PreparedCursor`: Django's own cursors never prepare
        return made

    def is_usable(self) -> bool:
        """Whether the connection answers.

        On a healthy idle connection there is nothing to read. When the server has gone or has ended the session, there
        is: its farewell, or the end of the stream. Only then it is worth a statement to find out.
        """
        if self.connection is not None and _is_quiet(self.connection):
            return True
        return bool(super().is_usable())

    def prepared_cursor(self) -> CursorWrapper:
        """A cursor for statements that are made again and again, whose plan does not depend on their parameters."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = PreparedCursor(self.connection)
        wrapper: CursorWrapper = self._prepare_cursor(cursor)  # type: ignore[attr-defined]  # the stubs leave it out
        return wrapper


def _is_quiet(held: psycopg.Connection[Any]) -> bool:
    if held.closed or held.broken:
        return False
    poll = select.poll()
    poll.register(held.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
    return not poll.poll(0)


def prepared_cursor() -> CursorWrapper:
    """A cursor of the default connection for statements that are made again and again."""
    engine: Any = connection
    cursor: CursorWrapper = engine.prepared_cursor()
    return cursor
