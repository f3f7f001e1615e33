"""The organisation's own identity provider, spoken to by OpenID Connect."""
