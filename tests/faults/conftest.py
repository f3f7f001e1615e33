"""Chains of real processes, as the end-to-end tests use them."""

from tests.e2e.conftest import chain_on

__all__ = ["chain_on"]
