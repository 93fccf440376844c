"""What needs a person: noticed once, told by page, letter and webhook, ended when gone."""
