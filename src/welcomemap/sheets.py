"""Read a table a person made: CSV or XLSX, its delimiter and encoding found, its size bounded."""
