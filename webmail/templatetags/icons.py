"""Icons of the sprite, for templates."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> str:
    """Return one icon, decoration only: words stand beside it, or its control is named."""
    modifier = f" icon--{size}" if size else ""
    return format_html(
        '<svg class="icon{}" aria-hidden="true"><use href="{}#{}"/></svg>', modifier, static("icons.svg"), name
    )
