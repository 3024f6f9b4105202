"""Everything people read about results: sentences, labels, headings, as functions of results."""
