"""What a doctor's findings say, for its tests."""

from mtm.doctor.findings import State


def told(findings, state=State.PROBLEM):
    """Return the words of what was found in that state, as one text."""
    found = list(findings)
    assert all(each.fix for each in found if each.state is not State.OK)
    return "\n".join(each.words for each in found if each.state is state)
