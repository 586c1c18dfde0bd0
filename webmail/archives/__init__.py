"""What leaves in one piece: messages byte for byte as they lay, in containers that mail programs open.

`contents` measures what goes in, `eml`, `maildir` and `mbox` arrange it, `zip` and `tar` frame it, `formats` puts
them together. Everything is a stream of bytes in constant memory.
"""
