"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from fabwright.server.supervisor import end_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fabwright.server.settings")
application = get_wsgi_application()

if os.environ.get("FABWRIGHT_WEB") == str(os.getppid()):
    # This is a process of granian's own: it does not notice by itself when the one above it is killed.
    end_with(os.getppid())
