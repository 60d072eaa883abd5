"""Signing in and up (allauth), and the two addresses of the Pinterest consent.

Allauth's other social pages are left out: accounts are connected and disconnected on our connections page.
"""

from django.urls import include, path

from accounts import provider

from . import sign_in_limits

urlpatterns = [
    path("accounts/login/", sign_in_limits.login, name="account_login"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/security/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("accounts/pinterest/login/", provider.pinterest_login, name="pinterest_login"),
    path("accounts/pinterest/login/callback/", provider.pinterest_callback, name="pinterest_callback"),
]
