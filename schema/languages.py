"""The languages that clients may choose from."""

import strawberry

from domain.accounts import Language

__all__ = ["Language"]

strawberry.enum(Language, description="In which people are written to.")
