"""The operators' console: find an account, open it under a grant, see what was done."""
