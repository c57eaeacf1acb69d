"""What the catalogue's routes read and write."""
