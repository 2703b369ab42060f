"""The tongue in templates: ``{% load tongue %}``, then ``{{ at|instant }}`` and the others."""

from django.template import Library

from leaddesk import tongue

register = Library()
for _name in (
    *("instant", "day", "clocktime", "month", "weekday", "local_time"),
    *("number", "percent", "money", "span", "ago", "countdown", "said"),
):
    register.filter(_name, getattr(tongue, _name))
