"""What the database keeps true of returns, of refunds and of what is written about them."""
