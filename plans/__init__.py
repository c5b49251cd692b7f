"""Queries read at once: a whole operation as one statement, whose text is the answer.

Strawberry's types say what there is, and its resolvers can always answer; that is the reference. A
plan answers the same, for operations of which every field is mapped here, and nobody can tell
which of the two it was: `tests/plans` holds them equal. Whatever is not mapped, not allowed or not
as it should be is left to the reference, errors above all.
"""
