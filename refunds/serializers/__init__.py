"""What the routes of returns and refunds read and write."""
