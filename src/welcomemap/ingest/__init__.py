"""Computes a region pack from raw open data."""
