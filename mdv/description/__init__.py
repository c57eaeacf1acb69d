"""What the API's description says beside its operations: the introduction, areas, properties."""
