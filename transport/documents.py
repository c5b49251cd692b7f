"""Documents: from the text that a client sends to an operation that may be run.

A text is parsed, measured, validated and priced once, while it is remembered; so is one that was
refused, for validation is what costs. What is remembered is bounded in number and in bytes. The
trusted documents are prepared at the start, and never forgotten. Whatever comes out is within the
limits and valid against the schema; its variables have not been looked at.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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

from transport import telemetry
from transport.analysis import Measures, analyse
from transport.cost import Plan, plan
from transport.errors import FORBIDDEN, TOO_COMPLEX, Shown, Unfit, present, unfit
from transport.lane import Lane
from transport.limits import Limits
from transport.requests import Asked, Caller
from transport.sizes import Sizes
from transport.starts import start_of
from transport.trusted import BrokenManifest, hash_of
from transport.values import LiteralsOfCorrectType, NoNullCharacters

_RULES = [
    *(
        LiteralsOfCorrectType if rule is ValuesOfCorrectTypeRule else rule
        for rule in specified_rules
    ),
    NoNullCharacters,
]
_MOST_ERRORS = 20
_KEPT_BYTES = 1024 * 1024  # of text; the trees are some 130 times as large

# How graphql-core ends what it says when the tokens are too many, or nested too deeply.
_GIVEN_UP = "Parsing aborted."

# Syntax errors quote the token they stumble over, which may be a string: only its kind is told.
_QUOTED = re.compile(r"\b(String|BlockString|Int|Float|Comment) .*", re.DOTALL)


class OperationType(StrEnum):
    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """`hash`: SHA-256 of the text. `fields`: the name of every field selected anywhere in the
    document, fragments included. `key`: equal for equal texts and names, and for no others.
    `introspects`: the document asks for the schema. `start`: of a subscription, the variable that
    is the root field's `after`, and nothing but that.
    """

    hash: str
    document: DocumentNode
    definition: OperationDefinitionNode
    type: OperationType
    fields: frozenset[str]
    introspects: bool
    start: str | None
    plan: Plan
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
    """`trusted`: text by hash, as `trusted.load` gives it; None is not the same as none, for then
    every document is open. Raises BrokenManifest if one of them could not be run.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        limits: Limits | None = None,
        sizes: Sizes | None = None,
        trusted: Mapping[str, str] | None = None,
    ) -> None:
        self._schema, self._limits = schema, limits or Limits()
        self._sizes = sizes or Sizes(schema, {})
        self._known: OrderedDict[str, _Known] = OrderedDict()  # the oldest first
        self._bytes = 0
        self.lane = Lane()
        self._manifest = trusted
        self._trusted = {text: self._trust(hash, text) for hash, text in (trusted or {}).items()}

    async def arrive(self, asked: Asked, caller: Caller) -> Operation:
        """The same as `take`; what was never seen before waits for its turn."""
        text = asked.query
        if text is None or text in self._trusted or text in self._known:
            with telemetry.arriving():
                return self.take(asked, caller)
        async with self.lane.turn():
            with telemetry.arriving():
                return self.take(asked, caller)

    def take(self, asked: Asked, caller: Caller) -> Operation:
        """What is asked for, if this caller may send it. Raises Unfit."""
        text = self._text(asked)
        if known := self._trusted.get(text):
            return _choose(known.operations, asked.operation_name)
        if self._manifest is not None and not caller.open_documents:
            raise unfit("Only trusted documents are run here: send the hash of one.", FORBIDDEN)
        operation = self.prepare(text, asked.operation_name)
        if operation.introspects and not caller.open_documents:
            raise unfit("The schema is not told here.", FORBIDDEN)
        return operation

    def prepare(self, text: str, operation_name: str | None = None) -> Operation:
        """The operation of that name, or the only one, whoever asks. Raises Unfit."""
        size = _size(text)
        if size > self._limits.document_bytes:
            most = self._limits.document_bytes
            raise unfit(
                f"The document is too complex (bytes: {size}, at most {most}).", TOO_COMPLEX
            )
        known = self._known.get(text)
        if known is None:
            with telemetry.span("graphql.study"):
                known = self._study(text)
            self._remember(text, known, size)
        else:
            self._known.move_to_end(text)
        if known.errors:
            raise Unfit(known.errors)
        return _choose(known.operations, operation_name)

    def _text(self, asked: Asked) -> str:
        if asked.hash is None:
            return asked.query or ""
        if asked.query is None:
            text = (self._manifest or {}).get(asked.hash)
            if text is None:
                raise unfit(
                    "PersistedQueryNotFound: no trusted document has this hash, and clients cannot"
                    " add one. Send the query itself, without a hash."
                )
            return text
        if hash_of(asked.query) != asked.hash:
            raise unfit("The query does not have the hash that came with it: send either.")
        return asked.query

    def _trust(self, hash: str, text: str) -> _Known:
        size, most = _size(text), self._limits.document_bytes
        if size > most:
            raise BrokenManifest(f"The trusted document {hash} has more than {most} bytes.")
        known = self._study(text)
        if known.errors:
            reasons = " ".join(error["message"] for error in known.errors)
            raise BrokenManifest(f"The trusted document {hash} cannot be run: {reasons}")
        return known

    def _study(self, text: str) -> _Known:
        most = self._limits.document_tokens
        # Comments are no tokens to the parser's limit, but as much work. (A string's "#" counts.)
        if (comments := text.count("#")) > most:
            message = f"The document is too complex (comments: {comments}, at most {most})."
            return _Known(errors=({"message": message, "extensions": {"code": TOO_COMPLEX}},))
        try:
            document = parse(text, max_lexical_tokens=most)
            measures = analyse(document, self._limits)
        except GraphQLSyntaxError as error:
            return _Known(errors=(self._syntax(error),))
        except Unfit as unfit:
            return _Known(errors=tuple(unfit.errors))
        errors = validate(
            self._schema, document, _RULES, max_errors=_MOST_ERRORS, hide_suggestions=True
        )
        if errors:
            return _Known(errors=tuple(present(errors)))
        return _Known(operations=self._operations(text, document, measures))

    def _syntax(self, error: GraphQLSyntaxError) -> Shown:
        if error.message.endswith(_GIVEN_UP):
            most = self._limits.document_tokens
            message = f"The document is too complex (tokens: more than {most}, at most {most})."
            if "tokens" not in error.message:
                message = "The document is too complex (nested too deeply to be read)."
            return {"message": message, "extensions": {"code": TOO_COMPLEX}}
        message = _QUOTED.sub(r"\1.", error.message)
        shown = GraphQLError(message, source=error.source, positions=error.positions)
        return present([shown])[0]

    def _operations(
        self, text: str, document: DocumentNode, measures: Measures
    ) -> dict[str, Operation]:
        names = _FieldNames()
        visit(document, names)
        fields = frozenset(names.found)
        hash = hash_of(text)
        found = {}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                name = definition.name.value if definition.name else ""
                found[name] = Operation(
                    document=document,
                    definition=definition,
                    type=OperationType(definition.operation.value),
                    fields=fields,
                    introspects=measures.introspection_depth > 0,
                    start=_start(document, definition),
                    plan=plan(self._schema, self._sizes, document, definition),
                    hash=hash,
                    key=f"{hash}:{name}",
                )
        return found

    def _remember(self, text: str, known: _Known, size: int) -> None:
        self._known[text] = known
        self._bytes += size
        while len(self._known) > self._limits.documents_kept or self._bytes > _KEPT_BYTES:
            forgotten, _ = self._known.popitem(last=False)
            self._bytes -= _size(forgotten)


def _start(document: DocumentNode, definition: OperationDefinitionNode) -> str | None:
    if definition.operation.value != OperationType.SUBSCRIPTION:
        return None
    return start_of(document, definition)


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


class _FieldNames(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.found.add(node.name.value)
