"""All addresses of the service."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularSwaggerView

from fabwright.server.common.views import front_door, healthz, schema
from fabwright.server.scanning.urls import data_urlpatterns as scanning_data
from fabwright.server.webhooks.urls import making_urlpatterns as making_webhooks

making: list[str] = ["projects", "designs", "production", "workshop", "reports"]
checking: list[str] = ["catalog", "sorting", "scanning", "recognition", "quality", "webhooks"]

urlpatterns = [
    path("", front_door),
    path("healthz", healthz),
    path("admin/", admin.site.urls),
    path("api/schema/", schema, name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("data/", include("fabwright.server.files.urls")),
    path("data/", include(scanning_data)),
    *(path("api/v2/", include(f"fabwright.server.{app}.urls")) for app in making),
    path("api/v2/", include(making_webhooks)),
    *(path("api/", include(f"fabwright.server.{app}.urls")) for app in checking),
]

handler404 = "fabwright.server.common.views.not_found"
handler500 = "fabwright.server.common.views.server_error"
