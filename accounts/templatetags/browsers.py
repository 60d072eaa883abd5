from django import template

from accounts.browsers import describe

register = template.Library()
register.filter("browser", describe)
