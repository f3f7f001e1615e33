"""The books in SQL."""

from services.commission.store.books import Applied, Books
from services.commission.store.desk import Desk, Desks
from services.commission.store.page import Marks, Page

__all__ = ["Applied", "Books", "Desk", "Desks", "Marks", "Page"]
