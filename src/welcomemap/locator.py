"""One address, and the service points nearest to it (for residents)."""
