"""Where is this address? Parsing, the embedded gazetteer, services and tables."""
