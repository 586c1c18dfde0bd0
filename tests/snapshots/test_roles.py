"""The five default folders are found whatever the server calls them."""

import pytest

from snapshots.roles import assign_roles
from snapshots.types import Folder, Role


def roles(*names, overrides=None, delimiter="/"):
    folders = assign_roles((Folder(name, delimiter) for name in names), overrides or {})
    return {folder.name: str(folder.role) for folder in folders if folder.role}


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Posta inviata", "sent"),
        ("Sent Items", "sent"),
        ("INBOX/Sent", "sent"),
        ("[Gmail]/Sent Mail", "sent"),
        ("Gesendete Objekte", "sent"),
        ("Éléments envoyés", "sent"),
        ("Bozze", "drafts"),
        ("ENTWÜRFE", "drafts"),
        ("Cestino", "trash"),
        ("Deleted Messages", "trash"),
        ("Papelera", "trash"),
        ("Junk E-mail", "junk"),
        ("Posta indesiderata", "junk"),
        ("Courrier indésirable", "junk"),
    ],
)
def test_role_is_known_by_name_in_five_languages(name, role):
    assert roles("INBOX", name) == {"INBOX": "inbox", name: role}


def test_namespace_is_seen_through_whatever_the_delimiter():
    assert roles("INBOX", "INBOX.Trash", delimiter=".") == {"INBOX": "inbox", "INBOX.Trash": "trash"}


@pytest.mark.parametrize("name", ["Clienti", "Sent 2019", "Clienti/Sent", "Trashcan", "", "/"])
def test_other_folders_have_no_role(name):
    assert roles("INBOX", name) == {"INBOX": "inbox"}


def test_each_role_has_one_folder_the_likelier_name_first():
    assert roles("INBOX", "Inviati", "Sent") == {"INBOX": "inbox", "Sent": "sent"}


def test_only_the_first_inbox_is_the_inbox():
    assert roles("INBOX", "inbox", "Inbox") == {"INBOX": "inbox"}


def test_administrator_wins_over_the_table():
    overrides = {"Uscite": Role.SENT, "sent": Role.DRAFTS}

    assert roles("INBOX", "Sent", "Uscite", "Drafts", overrides=overrides) == {
        "INBOX": "inbox",
        "Uscite": "sent",
        "Sent": "drafts",
    }


def test_override_of_a_folder_that_is_not_there_leaves_the_table():
    assert roles("INBOX", "Sent", overrides={"Uscite": Role.SENT}) == {"INBOX": "inbox", "Sent": "sent"}
