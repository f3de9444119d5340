"""Whole numbers as callers write them. What is read here still has to pass as a strict int."""


def digits(value: object) -> object:
    """Return the number that a text of ASCII digits is; anything else as it is."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value


def whole(value: object) -> object:
    """Return the number that a text of digits or a JSON number such as 2.0 is."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return digits(value)
