"""SQL that writes JSON, for lists whose rows need not become objects first.

The text is put together with `||`, because that is one plain operator: `json_build_object` and `row_to_json` ask the
catalog about the type of every single value, which takes three times as long.
"""


def object_of(**fields: str) -> str:
    """SQL: a JSON object. The values are SQL that gives JSON text, never NULL."""
    return f"'{{' || {fields_of(**fields)} || '}}'"


def fields_of(**fields: str) -> str:
    """SQL: the inside of a JSON object, without its braces."""
    return " || ',' || ".join(f"""'"{name}":' || {value}""" for name, value in fields.items())


def text(value: str) -> str:
    """SQL: any text, date or array as JSON; null for NULL."""
    return f"coalesce(to_json({value})::text, 'null')"


def quoted(value: str) -> str:
    """SQL: a value in quotes that has nothing to escape, such as a uuid; null for NULL."""
    return f"""coalesce('"' || {value} || '"', 'null')"""


def plain(value: str) -> str:
    """SQL: a number, a truth or JSON as it is; null for NULL."""
    return f"coalesce(({value})::text, 'null')"


def moment(value: str) -> str:
    """SQL: a time in UTC with microseconds and Z, as JSON; null for NULL."""
    return quoted(utc(value))


def utc(value: str) -> str:
    """SQL: a time in UTC with microseconds and Z, as text."""
    return f"""to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
