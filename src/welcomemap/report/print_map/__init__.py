"""Maps for paper: one style with the interactive map, right to half a millimetre."""
