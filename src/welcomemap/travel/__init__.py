"""How far is it? Travel cost between places, with its basis and interval."""
