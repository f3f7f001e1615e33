"""Passwords: which are good enough, and how they are kept.

Length counts and composition does not (NIST SP 800-63B §5.1.1.2); what everybody tries first is refused. They are kept
by scrypt with the parameters that OWASP names (N = 2^15, r = 8, p = 3: 32 MiB for a third of a second).
"""

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SHORTEST, LONGEST = 12, 200
_FEWEST_CHARACTERS = 5
_TIDIED = str.maketrans("013457$@!", "oieastsai")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890", "09876543210", "azertyuiop")
_LONGEST_ROW = 6
_SHORTEST_NAME = 4

COMMON = frozenset(
    """admin amsterdam april august augustus autumn azerty baseball batman bonjour changeme charlie chocolate computer
    correcthorsebatterystaple december default donald dragon dutch eindhoven facebook february football freedom geheim
    gebruiker groningen hallo harley herfst hello holland iloveyou internet januari january juli july june juni lente
    letmein liefde liverpool login london maart master michael microsoft mijnwachtwoord monkey mustang mynoob nederland
    november october office oktober outlook passw0rd password passwoord pokemon princess qwerty rotterdam samenspel
    sales salesforce samsung secret secure september shadow sophie spring starwars summer sunshine superman system teams
    temporary test tijdelijk trustno trustnoone tweede utrecht verkoop verkoper voetbal voorjaar vakantie wachtwoord
    welcome welkom winter zomer""".split()
)
"""Words that alone make no password, however many digits and signs stand around them."""


@dataclass(frozen=True, slots=True)
class Cost:
    """How dear a guess is: scrypt's parameters."""

    n_bits: int = 15
    r: int = 8
    p: int = 3


USUAL = Cost()


def weaknesses(password: str, about: Sequence[str] = ()) -> Iterator[str]:
    """Yield why a password is not good enough: keys of the catalogue. `about`: what everybody knows of the person."""
    text = _same(password)
    spellings = _spellings(text.casefold())
    if len(text) < SHORTEST:
        yield "short"
    if len(text) > LONGEST:
        yield "long"
    if len(set(text)) < _FEWEST_CHARACTERS or _is_a_row(text.casefold()):
        yield "pattern"
    if any(_made_of(letters, COMMON) for letters in spellings):
        yield "common"
    if any(_tells(letters, len(text), known.casefold()) for known in about for letters in spellings):
        yield "personal"


def hashed(password: str, salt: bytes, cost: Cost = USUAL) -> str:
    """Return what is kept of a password; `salt`: 16 random bytes."""
    return _kept(salt, _scrypt(password, salt, cost), cost)


def of_nobody(noise: bytes, cost: Cost = USUAL) -> str:
    """Return what no password matches, and takes as long to compare; `noise`: 48 random bytes."""
    return _kept(noise[:16], noise[16:], cost)


def _kept(salt: bytes, digest: bytes, cost: Cost) -> str:
    kept = (base64.b64encode(part).decode() for part in (salt, digest))
    return "$".join(["scrypt", f"{cost.n_bits},{cost.r},{cost.p}", *kept])


def matches(password: str, kept: str) -> bool:
    """Tell whether this is the password of which `kept` was made."""
    _, cost, salt, digest = kept.split("$")
    found = _scrypt(password, base64.b64decode(salt), Cost(*map(int, cost.split(","))))
    return hmac.compare_digest(found, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: Cost) -> bytes:
    room = 128 * cost.r * (2**cost.n_bits + cost.p + 2)
    text = _same(password[: 2 * LONGEST]).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=2**cost.n_bits, r=cost.r, p=cost.p, maxmem=room, dklen=32)


def _same(password: str) -> str:
    """Return a password in the one form that every keyboard's way of writing it ends in."""
    return unicodedata.normalize("NFKC", password)


def _is_a_row(text: str) -> bool:
    """Tell whether most of it is neighbours on a keyboard or in the alphabet."""
    ways = [way for row in _ROWS for way in (row, row[::-1])]
    covered = {
        at + step
        for at in range(len(text) - _LONGEST_ROW + 1)
        if any(text[at : at + _LONGEST_ROW] in way for way in ways)
        for step in range(_LONGEST_ROW)
    }
    return 2 * len(covered) > len(text)


def _made_of(letters: str, words: frozenset[str]) -> bool:
    """Tell whether the letters are nothing but such words in a row."""
    ends = {0}
    for end in range(1, len(letters) + 1):
        if any(letters[start:end] in words for start in ends):
            ends.add(end)
    return bool(letters) and len(letters) in ends


def _tells(letters: str, length: int, known: str) -> bool:
    """Tell whether a password is little more than a name that everybody knows."""
    plain = _letters(known)
    return len(plain) >= _SHORTEST_NAME and plain in letters and length - len(plain) < SHORTEST - 2


def _spellings(text: str) -> tuple[str, str]:
    """Return the letters of a password as they stand, and those that signs and digits inside it stand for."""
    inside = text.strip("".join(sign for sign in set(text) if not sign.isalpha()))
    return _letters(text), _letters(inside.translate(_TIDIED))


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())
