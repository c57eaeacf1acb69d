"""The catalogue as staff keep it."""
