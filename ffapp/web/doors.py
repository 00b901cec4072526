"""The four doors, with every route behind them."""

from ffapp.web.admin.door import admin
from ffapp.web.hooks.webhooks import hooks
from ffapp.web.public import access, front
from ffapp.web.public.door import public
from ffapp.web.student import home, me, watch
from ffapp.web.student.door import student

DOORS = (public, student, admin, hooks)
ROUTES = (access, front, home, me, watch)
