"""Letting another admin in."""

from ffapp.people.address import take_address
from ffapp.people.invite import add_person, invite
from ffapp.people.models import Person, Role


def invite_admin(name: str, email: str, by: Person) -> Person:
    """A new admin, who gets a link to choose a password; raises AddressTaken."""
    take_address(email)
    admin = add_person(name, email, Role.ADMIN, by=by)
    invite(admin, by)
    return admin
