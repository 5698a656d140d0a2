"""`csem registry …`: the registry from the command line."""

from services.registry.cli.duplicates import group as duplicates
from services.registry.cli.exports import export
from services.registry.cli.inventory import group
from services.registry.cli.outreach import campaigns, opportunities
from services.registry.cli.projects import agenda, plan

for _command in (duplicates, export, campaigns, opportunities, agenda, plan):
    group.add_command(_command)

__all__ = ["group"]
