"""Addresses below /api/v2/."""

from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from fabwright.server.designs import views
from fabwright.server.designs.models import Kind

router = SimpleRouter(use_regex_path=False)
router.register("constructibles/assembly_designs", views.AssemblyDesignViewSet, basename="assembly-design")
router.register("constructibles/module_designs", views.ModuleDesignViewSet, basename="module-design")

_LIST: dict[str, Any] = {"get": "list", "post": "create"}
_FILE: dict[str, Any] = {"get": "retrieve", "delete": "destroy"}
_IMPORTS = "company/projects/<uuid:project>/imports/"

urlpatterns = [
    *router.urls,
    path(_IMPORTS, views.ImportViewSet.as_view(_LIST)),
    path(_IMPORTS + "<uuid:uuid>/", views.ImportViewSet.as_view({"get": "retrieve"})),
]
for kind in Kind:
    below = f"constructibles/{kind.value}_designs/<uuid:design>/"
    urlpatterns += [
        path(below + "files/", views.FileViewSet.as_view(_LIST, kind=kind)),
        path(below + "files/<uuid:uuid>/", views.FileViewSet.as_view(_FILE, kind=kind)),
        path(below + "parts/", views.PartViewSet.as_view({"get": "list"}, kind=kind)),
    ]
