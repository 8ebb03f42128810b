"""Whether it is good: reasons, profiles, inspection reports, templates, settings; and notices to operators."""
