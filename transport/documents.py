"""Documents: from the text that a client sends to an operation that may be run.

A text is parsed and validated once, while it is remembered; so is one that was refused, for
validation is what costs. What is remembered is bounded in number and in bytes. Whatever `prepare`
returns is valid against the schema; its variables have not been looked at.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import blake2b

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    ValuesOfCorrectTypeRule,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from transport.errors import Shown, Unfit, present, unfit
from transport.values import LiteralsOfCorrectType

_RULES = [
    LiteralsOfCorrectType if rule is ValuesOfCorrectTypeRule else rule for rule in specified_rules
]
_MOST_ERRORS = 20
_KEPT_BYTES = 1024 * 1024  # of text; the trees are some 130 times as large

# Syntax errors quote the token they stumble over, which may be a string: only its kind is told.
_QUOTED = re.compile(r"\b(String|BlockString|Int|Float|Comment) .*", re.DOTALL)


class OperationType(StrEnum):
    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """`fields`: the name of every field selected anywhere in the document, fragments included.
    `key`: equal for equal texts and names, and for no others.
    """

    document: DocumentNode
    definition: OperationDefinitionNode
    type: OperationType
    fields: frozenset[str]
    key: str

    @property
    def name(self) -> str | None:
        return self.definition.name.value if self.definition.name else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What became of a text: its operations by name ("" without one), or why it is refused."""

    operations: Mapping[str, Operation] = field(default_factory=dict)
    errors: tuple[Shown, ...] = ()


class Documents:
    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        max_bytes: int = 64 * 1024,
        max_tokens: int = 2_000,
        keep: int = 1_000,
    ) -> None:
        self._schema = schema
        self._max_bytes, self._max_tokens, self._keep = max_bytes, max_tokens, keep
        self._known: OrderedDict[str, _Known] = OrderedDict()  # the oldest first
        self._bytes = 0

    def prepare(self, text: str, operation_name: str | None = None) -> Operation:
        """The operation of that name, or the only one. Raises Unfit."""
        size = _size(text)
        if size > self._max_bytes:
            raise unfit(f"The document is larger than {self._max_bytes} bytes.")
        known = self._known.get(text)
        if known is None:
            known = self._study(text)
            self._remember(text, known, size)
        else:
            self._known.move_to_end(text)
        if known.errors:
            raise Unfit(known.errors)
        return _choose(known.operations, operation_name)

    def _study(self, text: str) -> _Known:
        try:
            document = parse(text, max_lexical_tokens=self._max_tokens)
        except GraphQLSyntaxError as error:
            message = _QUOTED.sub(r"\1.", error.message)
            shown = GraphQLError(message, source=error.source, positions=error.positions)
            return _Known(errors=tuple(present([shown])))
        errors = validate(
            self._schema, document, _RULES, max_errors=_MOST_ERRORS, hide_suggestions=True
        )
        if errors:
            return _Known(errors=tuple(present(errors)))
        return _Known(operations=_operations(text, document))

    def _remember(self, text: str, known: _Known, size: int) -> None:
        self._known[text] = known
        self._bytes += size
        while len(self._known) > self._keep or self._bytes > _KEPT_BYTES:
            forgotten, _ = self._known.popitem(last=False)
            self._bytes -= _size(forgotten)


def _size(text: str) -> int:
    # Half a surrogate pair is for the parser to refuse, not for us to fall over.
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _choose(operations: Mapping[str, Operation], name: str | None) -> Operation:
    if name:
        if operation := operations.get(name):
            return operation
        raise unfit("The document has no operation of this name.")
    if len(operations) == 1:
        return next(iter(operations.values()))
    if operations:
        raise unfit("The document has several operations: choose one with operationName.")
    raise unfit("The document has no operation.")


def _operations(text: str, document: DocumentNode) -> dict[str, Operation]:
    names = _FieldNames()
    visit(document, names)
    fields = frozenset(names.found)
    digest = blake2b(text.encode(errors="surrogatepass"), digest_size=16).hexdigest()
    found = {}
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            name = definition.name.value if definition.name else ""
            found[name] = Operation(
                document=document,
                definition=definition,
                type=OperationType(definition.operation.value),
                fields=fields,
                key=f"{digest}:{name}",
            )
    return found


class _FieldNames(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.found.add(node.name.value)
