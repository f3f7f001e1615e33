"""What people read of the books: statements as pages and as PDF."""
