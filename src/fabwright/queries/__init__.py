"""The query language of batches and queries: text -> frozen tree -> whatever walks it. Knows no database.

tree = parse("technology=SLS+(copies__lt=2|~next_step=dye_red)", attributes)
evaluate(tree, part)         # a part in memory
visit(tree, visitor)         # one SQL filter, with `criteria` of every comparison
unparse(tree)                # text again
"""

from fabwright.queries.attributes import BUILT_IN, Attribute, Attributes, Datatype, Lookup, check_attribute_id
from fabwright.queries.evaluation import Target, evaluate, meets, targets
from fabwright.queries.parser import MAX_CONDITIONS, MAX_LENGTH, MAX_NESTING, QueryError, parse, parse_filter
from fabwright.queries.spelling import escape, unescape, unparse
from fabwright.queries.tree import (
    And,
    Compare,
    Criterion,
    Everything,
    Includes,
    Node,
    Not,
    OneOf,
    Or,
    StartsWith,
    Visitor,
    Within,
    criteria,
    visit,
)
from fabwright.queries.values import Scalar, Value, fold, stored_values

__all__ = [
    "BUILT_IN",
    "MAX_CONDITIONS",
    "MAX_LENGTH",
    "MAX_NESTING",
    "And",
    "Attribute",
    "Attributes",
    "Compare",
    "Criterion",
    "Datatype",
    "Everything",
    "Includes",
    "Lookup",
    "Node",
    "Not",
    "OneOf",
    "Or",
    "QueryError",
    "Scalar",
    "StartsWith",
    "Target",
    "Value",
    "Visitor",
    "Within",
    "check_attribute_id",
    "criteria",
    "escape",
    "evaluate",
    "fold",
    "meets",
    "parse",
    "parse_filter",
    "stored_values",
    "targets",
    "unescape",
    "unparse",
    "visit",
]
