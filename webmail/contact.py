"""Where people turn for help, as a link where it can be one."""

import re

MAIL = re.compile(r"[^@\s<>\"'?&]+@[^@\s<>\"'?&]+\.[^@\s<>\"'?&]+")
PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{4,}[0-9]")


def contact_url(contact: str) -> str:
    """Return the address a browser opens for a mail address, a web page or a phone number; else nothing."""
    if contact.startswith(("https://", "http://")):
        return contact
    if MAIL.fullmatch(contact):
        return f"mailto:{contact}"
    if PHONE.fullmatch(contact):
        return "tel:" + re.sub(r"[^0-9+]", "", contact)
    return ""
