"""What every app stands on: companies, tokens, strict filters, paging, error answers. No business noun lives here."""
