"""The doors to checking out and to payments."""
