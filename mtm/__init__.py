"""The Django project: settings, URLs, security headers, checks, logs and the commands that run it all."""
