"""Ways to damage a file: at random bytes, and where a format is vulnerable."""

import random

#: What a header may be made to say.
_NUMBERS = ("0", "-1", "1", "2", "999", "1000000007", str(2**31), str(2**63), "9" * 60)
_WORDS = ("T", "F", "1E400", "NAN", "'x'", "", "(1,2)", "1.5")
_FORMS = ("'1PE(9)'", "'0A'", "'40L'", "'40C'", "'99999999E'", "'1QD'", "'X'", "'1A'")


def _bits(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _truncated(data, rng):
    return data[: rng.randrange(len(data))]


def _without_a_piece(data, rng):
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice((1, 80, 2880)) :]


def _repeated(data, rng):
    start = rng.randrange(len(data))
    return data[:start] + data[start:] * 2


def _other_card(data, rng):
    """Another value in a card of a FITS header."""
    cards = [
        at
        for at in range(0, len(data) - 79, 80)
        if data[at + 8 : at + 10] == b"= " and data[at : at + 8].isascii()
    ]
    if not cards:
        return _bits(data, rng)
    data = bytearray(data)
    for at in rng.sample(cards, min(len(cards), rng.choice((1, 1, 2, 3)))):
        form = data[at : at + 5] == b"TFORM"
        value = rng.choice(_FORMS if form else (*_NUMBERS, *_WORDS))
        data[at + 10 : at + 80] = value.rjust(20).ljust(70).encode()[:70]
    return bytes(data)


_WAYS = (_bits, _truncated, _without_a_piece, _repeated, _other_card, _other_card)


def mutated(data, seed):
    """Bytes with some damage, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    for _ in range(rng.choice((1, 1, 2))):
        data = rng.choice(_WAYS)(data, rng) or b"x"
    return data
