"""A house to show and to test with: every panel of it is made from parameters here."""
