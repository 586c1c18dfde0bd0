"""What an owner sees: login, days, folders, messages, downloads."""
