"""`python -m demo.code`: the code that the demo operator's second factor shows now."""

import base64
import sys

from django_otp.oath import totp

from demo import site
from demo.__main__ import DIRECTORY


def code_now(key: str, *, steps: int = 0) -> str:
    """Return the code of a base32 key, or that of so many half minutes later: each counts once."""
    return f"{totp(base64.b32decode(key), drift=steps):06}"


if __name__ == "__main__":
    try:
        print(code_now(site.operator_key(DIRECTORY / "made")))
    except FileNotFoundError:
        sys.exit("demo.code: the demo was not started here yet: make demo")
