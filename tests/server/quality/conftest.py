from tests.server.checking import api

__all__ = ["api"]
