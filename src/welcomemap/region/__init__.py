"""What is the region? Its layers, their manifest and their verification."""
