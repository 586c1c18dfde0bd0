from django.apps import AppConfig


class ProjectConfig(AppConfig):
    name = "mtm"

    def ready(self) -> None:
        from mtm import checks  # noqa: F401 - registers them
