"""How static files are stored for serving."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """With a hash of its content in every name, also where one of our scripts imports another: a browser must not mix the
    scripts of two releases."""

    support_js_module_import_aggregation = True
