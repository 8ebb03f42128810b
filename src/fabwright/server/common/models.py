"""Companies and users, and the base of every row that belongs to a company."""

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class Company(models.Model):
    """A tenant. Every row and every blob belongs to exactly one."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=255, unique=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "companies"

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person or a program with a token. Without a company it may use the admin, but no API."""

    company = models.ForeignKey(Company, on_delete=models.PROTECT, null=True, blank=True, related_name="users")


class Owned(models.Model):
    """A row of a company, with the times that both protocols show."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, editable=False, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Identified(Owned):
    """A row of a company that the outside addresses by uuid."""

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True
