"""The one place that says which twinwatch this is."""

VERSION = "0.1.0"
