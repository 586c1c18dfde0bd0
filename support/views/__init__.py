"""One file a page: access → read → context → render."""
