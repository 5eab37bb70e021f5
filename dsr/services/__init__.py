"""Use cases: one function = one use case = one transaction. Remote calls never inside a transaction."""
