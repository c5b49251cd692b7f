from tests.embedded.conftest import folder

__all__ = ["folder"]
