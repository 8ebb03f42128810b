"""`custom_woodcsv`: sticks as CSV, with columns of the user's choice."""

from fabwright.server.reports.kinds.chosen import CustomCsv


class CustomWoodCsv(CustomCsv):
    document_type = "custom_woodcsv"
    title = "Custom Woods CSV"
    sentence = "The sticks of a selection as CSV, with columns, separator and encoding as chosen."
    branch = "wood"


KIND = CustomWoodCsv()
