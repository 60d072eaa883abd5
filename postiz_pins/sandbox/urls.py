"""Every address of the sandbox: Pinterest's API under /v5/, the upload target, consent, the controls, the pages."""

from django.urls import path

from postiz_pins.sandbox.api.operations import by_method

from . import consent, control, pictures, site
from .api import account, analytics, boards, media, oauth, pins

handler404 = "postiz_pins.sandbox.site.not_found"
handler500 = "postiz_pins.sandbox.site.server_error"

api = [
    path("v5/oauth/token", by_method(POST=oauth.token)),
    path("v5/user_account", by_method(GET=account.get_account)),
    path("v5/user_account/analytics", by_method(GET=analytics.account_analytics)),
    path("v5/user_account/analytics/top_pins", by_method(GET=analytics.top_pins)),
    path("v5/boards", by_method(GET=boards.list_boards, POST=boards.create_board)),
    path("v5/boards/<str:board_id>", by_method(GET=boards.get_board)),
    path("v5/boards/<str:board_id>/sections", by_method(GET=boards.list_sections)),
    path("v5/boards/<str:board_id>/pins", by_method(GET=pins.list_board_pins)),
    path("v5/pins", by_method(GET=pins.list_pins, POST=pins.create_pin)),
    path("v5/pins/analytics", by_method(GET=analytics.multi_pin_analytics)),
    path("v5/pins/<str:pin_id>", by_method(GET=pins.get_pin, DELETE=pins.delete_pin)),
    path("v5/pins/<str:pin_id>/analytics", by_method(GET=analytics.pin_analytics)),
    path("v5/media", by_method(GET=media.list_media, POST=media.create_media)),
    path("v5/media/<str:media_id>", by_method(GET=media.get_media)),
]

controls = [
    path("sandbox/reset", by_method(POST=control.reset)),
    path(
        "sandbox/faults",
        by_method(GET=control.list_faults, POST=control.add_fault, DELETE=control.clear_faults),
    ),
    path("sandbox/options", by_method(POST=control.set_options)),
    path("sandbox/accounts", by_method(POST=control.create_account)),
    path("sandbox/tokens", by_method(POST=control.create_tokens)),
    path("sandbox/tokens/expire", by_method(POST=control.expire_tokens)),
    path("sandbox/tokens/revoke", by_method(POST=control.revoke_tokens)),
    path("sandbox/boards", by_method(POST=control.create_board)),
    path("sandbox/boards/<str:board_id>", by_method(PATCH=control.change_board, DELETE=control.delete_board)),
    path("sandbox/pins", by_method(POST=control.create_pin)),
    path("sandbox/pins/many", by_method(POST=control.create_many_pins)),
    path("sandbox/requests", by_method(GET=control.list_requests)),
    path("sandbox/in_flight", by_method(GET=control.in_flight)),
    path("sandbox/state/pins", by_method(GET=control.list_pins)),
]

pages = [
    path("", by_method(GET=site.home), name="home"),
    path("faults/", by_method(POST=site.change_faults), name="faults"),
    path("board/<str:board_id>/", by_method(GET=site.board), name="board"),
    path("pin/<str:pin_id>/", by_method(GET=site.pin), name="pin"),
    path("pictures/<str:picture_id>/<str:size>/", by_method(GET=pictures.picture), name="picture"),
    path("sandbox.css", by_method(GET=site.stylesheet), name="stylesheet"),
    path("oauth/", by_method(GET=consent.ask, POST=consent.decide), name="consent"),
    path("upload/", by_method(POST=media.upload)),
]

urlpatterns = [*api, *controls, *pages]
