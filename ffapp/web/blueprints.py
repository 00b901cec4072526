"""The blueprints with all their routes: each module of these packages adds its own."""

import pkgutil
from importlib import import_module
from types import ModuleType

from ffapp.web import account, admin, bell, guardian, hooks, public, student
from ffapp.web.auth import BLUEPRINTS
from ffapp.web.auth import admin as admin_blueprint
from ffapp.web.auth import student as student_blueprint
from ffapp.web.kit import domains, imports, runs, saved_views, search, undo

# The domains of the admin, in the order of the navigation.
DOMAINS = (
    "today",
    "classes",
    "recordings",
    "attendance",
    "cohorts",
    "people",
    "messages",
    "calls",
    "webhooks",
    "providers",
    "settings",
)
__all__ = ["BLUEPRINTS"]


def _modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [import_module(each.name) for each in found]


for _kit in (imports, runs, saved_views, search, undo):
    _kit.add_routes(admin_blueprint)
for _blueprint in (student_blueprint, admin_blueprint):
    bell.add_routes(_blueprint)
for _package in (public, student, account, guardian, hooks):
    _modules(_package)
# A domain's DOMAIN stands in one of its modules: `ffapp.web.admin.<domain>[.<module>]`.
_declared = {
    each.__name__.split(".")[3]: each.DOMAIN for each in _modules(admin) if hasattr(each, "DOMAIN")
}
domains.register([_declared[name] for name in DOMAINS])
