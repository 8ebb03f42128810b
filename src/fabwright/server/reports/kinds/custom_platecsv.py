"""`custom_platecsv`: sheets as CSV, with columns of the user's choice."""

from fabwright.server.reports.kinds.chosen import CustomCsv


class CustomPlateCsv(CustomCsv):
    document_type = "custom_platecsv"
    title = "Custom Plates CSV"
    sentence = "The sheets of a selection as CSV, with columns, separator and encoding as chosen."
    branch = "plates"


KIND = CustomPlateCsv()
