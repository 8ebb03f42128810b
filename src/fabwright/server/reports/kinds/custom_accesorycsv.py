"""`custom_accesorycsv`: hardware as CSV, with columns of the user's choice."""

from fabwright.server.reports.kinds.chosen import CustomCsv


class CustomAccessoryCsv(CustomCsv):
    document_type = "custom_accesorycsv"
    title = "Custom Accessories CSV"
    sentence = "The hardware of a selection as CSV, with columns, separator and encoding as chosen."
    branch = "accessories"


KIND = CustomAccessoryCsv()
