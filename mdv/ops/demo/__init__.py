"""The demo shop: what it sells, who buys there, and how its 500 orders came about."""
