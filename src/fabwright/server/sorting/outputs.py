"""Outputs: where a piece goes. Writes of the resource, and the choice for a piece."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db import connection, transaction

from fabwright.queries import Attribute, Node, evaluate, parse, stored_values
from fabwright.server.catalog.models import Part
from fabwright.server.catalog.selectors import attributes_of
from fabwright.server.catalog.terms import term
from fabwright.server.common.bulk.entries import Errors
from fabwright.server.common.bulk.tables import Mode, Table, Written, write
from fabwright.server.common.models import Company
from fabwright.server.sorting import selectors
from fabwright.server.sorting.models import Output, OutputTarget, Query
from fabwright.server.sorting.serializers import OutputEntry, OutputQuery

OUTPUTS = Table(model=Output, entry=OutputEntry, key="pk")
_QUALITY = {"QC Review needed": "review", "QC Passed": "passed", "QC Failed": "failed"}


@transaction.atomic
def outputs_write(*, company: Company, raw: list[Any], mode: Mode, many: bool, strict: bool) -> Written[Output]:
    """Stores outputs; `queries`, where given, replaces what goes to them, and takes it away from other outputs."""
    queries: dict[str, Query] = {}

    def check(company: Company, rows: Sequence[Output], errors: list[Errors]) -> None:
        wanted = {named.query for row in rows for named in _asked(row)}
        found = Query.objects.filter(company=company, key__any_of=wanted).select_related("dynamic_attribute")
        queries.update({query.key: query for query in found})
        for row, error in zip(rows, errors, strict=True):
            missing = sorted({named.query for named in _asked(row)} - queries.keys())
            if missing:
                error["queries"] = [f"There is no such query: {', '.join(missing)}."]

    written = write(replace(OUTPUTS, check=check), company, raw, mode=mode, many=many, strict=strict)
    changed = [row for row in written.rows if hasattr(row, "queries")]
    OutputTarget.objects.filter(output__in=changed).delete()
    new = {}
    for row in changed:
        for named in _asked(row):
            query = queries[named.query]
            folded = _folded_text(query, named.value)
            new[query.pk, folded] = OutputTarget(output=row, query=query, value=named.value, folded=folded)
    OutputTarget.objects.bulk_create(
        new.values(),
        update_conflicts=True,
        unique_fields=["query", "folded"],
        update_fields=["output", "value"],
    )
    return written


def _asked(row: Output) -> list[OutputQuery]:
    return list(getattr(row, "queries", ()))


def _folded_text(query: Query, value: Any) -> str:
    """The form under which values count as the same: how the targets of a query group them."""
    attribute = selectors.attribute_of(query)
    if attribute is None:
        return ""
    stored = stored_values({"attributes": {attribute.field: value}}, attribute)
    return term(stored[0]) if stored else str(value)


class Sorter:
    """Chooses the outputs of the pieces of one request; what it has read it does not read again."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._nodes: dict[int, Node] = {}
        self._outputs: dict[tuple[int, str], Output] = {}

    @cached_property
    def _targets(self) -> list[OutputTarget]:
        found = OutputTarget.objects.filter(output__company=self._company).order_by("output__order", "output_id", "pk")
        return list(found.select_related("output", "query__dynamic_attribute"))

    @cached_property
    def _attributes(self) -> dict[str, Attribute]:
        return attributes_of(self._company)

    def choose(self, query: Query | None, part: Part, quality: str) -> Output | None:
        """Where a piece of the part goes.

        Args:
            query: what the session sorts by; its outputs are made when the first piece for them comes. None = the
                first output, in their order, one of whose queries holds the piece.
            quality: state of the piece: "passed", "failed", "review" or "" (not judged).

        Raises:
            QueryError: a query speaks of something that is gone.
        """
        if query is not None:
            value = self._value(query, part, quality)
            return None if value is None else self._output(query, *value)
        for target in self._targets:
            found = self._value(target.query, part, quality)
            if found is not None and found[1] == target.folded:
                return target.output
        return None

    def _output(self, query: Query, value: str, folded: str) -> Output:
        if (query.pk, folded) not in self._outputs:
            self._outputs[query.pk, folded] = _output_of(self._company, query, value, folded)
        return self._outputs[query.pk, folded]

    def _value(self, query: Query, part: Part, quality: str) -> tuple[str, str] | None:
        """The value of the part under the query, as written and folded; None when the piece is not the query's."""
        state = _QUALITY.get(query.data.get("quality_control_status", "ANY"), "")
        if state and state != quality:
            return None
        if query.pk not in self._nodes:
            self._nodes[query.pk] = parse(query.query, self._attributes)
        if not evaluate(self._nodes[query.pk], _as_shown(part)):
            return None
        attribute = selectors.attribute_of(query)
        if attribute is None:
            return "", ""
        values = stored_values(_as_shown(part), attribute)
        if not values:
            return None
        raw = part.attributes.get(attribute.field)
        return str(raw[0] if isinstance(raw, list) else raw), term(values[0])


def _as_shown(part: Part) -> Mapping[str, object]:
    return {"id": part.key, "title": part.title, "copies": part.copies, "attributes": part.attributes}


def _output_of(company: Company, query: Query, value: str, folded: str) -> Output:
    """The output of a value; an idle one, or a new one, when it has none yet."""
    if (target := _target(query, folded)) is not None:
        return target.output
    _one_at_a_time(company)
    if (target := _target(query, folded)) is not None:
        return target.output
    idle = Output.objects.filter(company=company, targets=None).first()
    output = idle or Output.objects.create(company=company, title=value)
    OutputTarget.objects.create(output=output, query=query, value=value[:1000], folded=folded[:2000])
    return output


def _target(query: Query, folded: str) -> OutputTarget | None:
    return OutputTarget.objects.select_related("output").filter(query=query, folded=folded).first()


def _one_at_a_time(company: Company) -> None:
    """Until the transaction ends: two stations must neither make two outputs for one value nor share an idle one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"outputs of {company.pk}"])
