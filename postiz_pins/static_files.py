"""How static files are stored for serving."""

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Django's own switch, support_js_module_import_aggregation, also reads the scripts of packages, and stumbles over the
# example in a comment of one of them.
_, _imports = HashedFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]  # not in the stubs


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """With a hash of its content in every name, also where one of our scripts imports another: a browser must not mix
    the scripts of two releases."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _imports))
