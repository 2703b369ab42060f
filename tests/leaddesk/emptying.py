"""Emptying: what a test has left in the database, taken out of the tables that it wrote to.

Django truncates every table and announces the schema once more, which on PostgreSQL takes longer
than most tests. A few rows are deleted faster; where there are many, or many were, it does as ever.
"""

from functools import cache

from django.apps import apps
from django.db import connections, transaction
from django.test import TransactionTestCase

FEW = 512 * 1024
"""Bytes of a table up to which its rows are deleted."""
KEPT = "django_content_type"
"""The list of models, which is as the migrations made it."""


def quickly(case, thoroughly=TransactionTestCase._fixture_teardown):
    """Leave no row in any table, as `thoroughly` would."""
    connection = connections["default"]
    written = _written_to(connection)
    if any(many for _table, many in written):
        thoroughly(case)
    elif written:
        with (
            transaction.atomic(),
            connection.cursor() as cursor,
            connection.constraint_checks_disabled(),
        ):
            for table, _many in written:
                cursor.execute(f'DELETE FROM "{table}"')


def _written_to(connection):
    """The tables that hold a row, each with whether it takes much room."""
    with connection.cursor() as cursor:
        cursor.execute(_looks(connection.vendor))
        return cursor.fetchall()


@cache
def _looks(vendor):
    size = f"""pg_relation_size('"%s"') > {FEW}""" if vendor == "postgresql" else "'%s' = ''"
    look = f"""SELECT '%s', {size} WHERE EXISTS (SELECT 1 FROM "%s")"""
    return " UNION ALL ".join(look % (one, one, one) for one in _tables())


def _tables():
    models = apps.get_models(include_auto_created=True)
    return sorted({one._meta.db_table for one in models} - {KEPT})
