"""Tests of the channels library."""
