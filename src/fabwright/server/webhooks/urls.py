from django.urls import path

from fabwright.server.common.bulk.router import ResourceRouter
from fabwright.server.webhooks import views

router = ResourceRouter()
router.register("webhook", views.WebhookViewSet, basename="webhook")

deliveries = views.DeliveryViewSet
making = ResourceRouter()
making.register("company/webhooks", views.MakingWebhookViewSet, basename="company-webhook")

urlpatterns = [
    *router.urls,
    path(
        "webhook_delivery/",
        deliveries.as_view({"get": "list"}, basename="webhook_delivery", detail=False),
        name="webhook_delivery-list",
    ),
    path(
        "webhook_delivery/<int:id>/",
        deliveries.as_view({"get": "retrieve"}, basename="webhook_delivery", detail=True),
        name="webhook_delivery-detail",
    ),
    path(
        "webhook_delivery/<int:id>/redeliver/",
        deliveries.as_view({"post": "redeliver"}, basename="webhook_delivery", detail=True),
        name="webhook_delivery-redeliver",
    ),
    path("events/", views.EventViewSet.as_view({"get": "pull"}, basename="events", detail=False), name="events"),
]
making_urlpatterns = making.urls
