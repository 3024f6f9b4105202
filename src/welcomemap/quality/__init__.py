"""What a region pack is good for: a page with a map and figures."""
