"""What orders, payments and stock were at an instant, and the proof that it leads to now."""
