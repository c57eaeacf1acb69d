"""Running the shop: its health, its books and how they are put right, demo data, the drill."""
