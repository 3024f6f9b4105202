"""The one door: a typed request goes in, a typed, frozen result comes out."""
