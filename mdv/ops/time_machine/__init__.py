"""What an order, a payment or a stock item was at an instant, and the proof that it leads to now."""
