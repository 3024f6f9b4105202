"""Where should the next one open, and what proves it?"""
