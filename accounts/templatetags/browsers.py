from django import template

from postiz_pins.http.user_agents import describe

register = template.Library()
register.filter("browser", describe)
