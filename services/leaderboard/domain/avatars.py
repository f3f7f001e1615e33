"""The pictures that a seller can choose to stand for the own person on a TV."""

AVATARS = ("vos", "uil", "beer", "egel", "haas", "otter", "reiger", "zwaan", "raket", "ster", "fiets", "tulp")
"""Their names, as profiles and snapshots say them; what each looks like is the matter of the pages."""
