"""Makes the council paper and the tables, and replays them."""
