"""Signed addresses of blobs, below `/data/`."""

from django.urls import re_path

from fabwright.server.files.views import blob

urlpatterns = [re_path(r"^blob/(?P<key>(?s:.*))$", blob, name="blob")]
