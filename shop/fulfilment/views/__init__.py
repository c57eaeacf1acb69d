"""The doors to parcels."""
