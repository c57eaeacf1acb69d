"""The doors to returns."""
