"""URLs of an owner's pages: day first, ids opaque."""

from django.urls import path, register_converter

from webmail.converters import DayConverter, FolderConverter, MessageConverter, PartConverter
from webmail.help import TOPICS
from webmail.views import (
    accesses,
    brand,
    downloads,
    files,
    folder_manager,
    folders,
    gone,
    inspection,
    login,
    messages,
    preferences,
    progress,
    search,
)
from webmail.views import help as help_pages

app_name = "webmail"

register_converter(DayConverter, "day")
register_converter(FolderConverter, "folder")
register_converter(MessageConverter, "message")
register_converter(PartConverter, "part")

urlpatterns = [
    path("", folders.newest, name="newest"),
    path("login/", login.login, name="login"),
    path("logout/", login.log_out, name="logout"),
    path("stay/", login.stay, name="stay"),
    path("accesses/", accesses.accesses, name="accesses"),
    path("accesses/accesses.csv", accesses.accesses_csv, name="accesses_csv"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("brand.css", brand.style, name="brand_style"),
    path("brand/logo", brand.logo, name="brand_logo"),
    path("help/", help_pages.contents, name="help"),
    *(path(f"help/{name}/", help_pages.topic, {"name": name}, name=f"help_{name}") for name in TOPICS),
    path("progress/", progress.progress, name="progress"),
    path("search/", search.search, name="search"),
    path("search/text/", search.ask_for_text, name="ask_for_text"),
    path("<day:day>/gone/", gone.gone, name="gone"),
    path("<day:day>/folders/", folder_manager.folders, name="folders"),
    path("<day:day>/download/", downloads.download, name="download"),
    path("<day:day>/", folders.mailbox, name="mailbox"),
    path("<day:day>/messages/<message:message>/body/", messages.body, name="body"),
    path("<day:day>/messages/<message:message>/text/", messages.text, name="text"),
    path("<day:day>/messages/<message:message>/headers/", inspection.headers, name="headers"),
    path("<day:day>/messages/<message:message>/source/", inspection.source, name="source"),
    path("<day:day>/messages/<message:message>/print/", inspection.on_paper, name="print"),
    path("<day:day>/messages/<message:message>/message.eml", files.eml, name="eml"),
    path("<day:day>/messages/<message:message>/attachments.zip", files.attachments, name="attachments"),
    path("<day:day>/messages/<message:message>/thumbnails/<part:number>", files.thumbnail, name="thumbnail"),
    path("<day:day>/messages/<message:message>/parts/<part:number>/<str:name>", files.part, name="part"),
    path("<day:day>/<folder:folder>/", folders.folder, name="folder"),
    path("<day:day>/<folder:folder>/<message:message>/", messages.message, name="message"),
    path("<day:day>/<folder:folder>/<message:message>/images/", messages.show_images, name="show_images"),
]
