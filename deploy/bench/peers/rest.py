"""Django REST framework: a model, a serializer, a view set and pages of 50. No authorisation, no idempotency."""

# mypy: ignore-errors
# ruff: noqa: DJ001, DJ008

import os
from urllib.parse import urlsplit
from uuid import uuid4

import django
from django.conf import settings

_address = urlsplit(os.environ["BENCH_DATABASE"])
settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=[],
    USE_TZ=True,
    TIME_ZONE="UTC",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _address.path[1:],
            "USER": _address.username,
            "HOST": _address.hostname,
            "PORT": _address.port,
            "CONN_MAX_AGE": None,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    },
)
django.setup()

from decimal import Decimal  # noqa: E402

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import pagination, serializers, viewsets  # noqa: E402


class Enterprise(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    municipality = models.CharField(max_length=6)
    name = models.CharField(max_length=200)
    chain = models.CharField(max_length=40)
    activity = models.CharField(max_length=10)
    links = models.JSONField()
    needs = models.JSONField()
    owner_id = models.UUIDField()
    jobs_women = models.IntegerField()
    jobs_men = models.IntegerField()
    home_based = models.BooleanField()
    formal = models.BooleanField()
    started_year = models.IntegerField(null=True)
    validation = models.CharField(max_length=20, default="captured")
    consent_credit = models.BooleanField()
    consent_map = models.BooleanField()
    place_state = models.CharField(max_length=20, default="pending")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    income_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    recorded_on = models.DateField()
    created_at = models.DateTimeField(auto_now_add=True)
    notes = models.TextField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "bench_enterprise"


class MoneyField(serializers.Field):
    def __init__(self, **kwargs):
        super().__init__(source="*", **kwargs)

    def to_representation(self, value):
        return {"amount": f"{value.income_minor // 100}.{value.income_minor % 100:02d}", "currency": value.currency}

    def to_internal_value(self, data):
        return {"income_minor": int(Decimal(data["amount"]) * 100), "currency": data["currency"]}


class EnterpriseSerializer(serializers.ModelSerializer):
    income = MoneyField()
    municipality = serializers.RegexField(r"^[A-Z]{2}[0-9]{4}$")

    class Meta:
        model = Enterprise
        exclude = ("income_minor", "currency")
        read_only_fields = ("id", "validation", "place_state", "created_at", "version")


class Pages(pagination.CursorPagination):
    page_size = 50
    ordering = "id"


class Enterprises(viewsets.ModelViewSet):
    queryset = Enterprise.objects.filter(municipality__startswith="HN17")
    serializer_class = EnterpriseSerializer
    pagination_class = Pages


PATH = "api/bench/v1/enterprises"
urlpatterns = [
    path(PATH, Enterprises.as_view({"get": "list", "post": "create"})),
    path(f"{PATH}/<uuid:pk>", Enterprises.as_view({"get": "retrieve"})),
]
app = get_wsgi_application()
