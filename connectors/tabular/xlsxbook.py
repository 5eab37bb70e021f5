from __future__ import annotations
from .book import Book
class XlsxBook(Book):
    pass
