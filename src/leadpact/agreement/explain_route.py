"""The route of an agreement as sentences, beside how leads are shared out: territories, limits, limits of
single people, and how often a lead changes hands."""

from collections.abc import Iterator

from leadpact.agreement.handoff import Route, Territory
from leadpact.agreement.model import Agreement
from leadpact.agreement.phrases import limit_said
from leadpact.agreement.wording import Said, both, condition, sentence
from leadpact.words import _, ngettext


def routing(agreement: Agreement) -> Iterator[Said]:
    """Where leads of a kind go, what a rep gets at most, and when leads change hands by themselves."""
    for name, person in agreement.people.items():
        if person.at_most:
            said = _("{name} gets at most {limits}.")
            text = said.format(name=name, limits=both(map(limit_said, person.at_most)))
            yield Said(("people", name, "at most"), text)
    route = agreement.handoff.route if agreement.handoff else None
    if route is None:
        return
    path = ("handoff", "route")
    for place, territory in enumerate(route.territories):
        yield Said((*path, "territories", place), territory_text(territory, place))
    if route.caps:
        said = _("A rep has at most {limits}.").format(limits=both(map(limit_said, route.caps)))
        yield Said((*path, "caps"), said)
    if "reassign_at_most" in route.model_fields_set:
        yield Said((*path, "reassign at most"), _hands(route))


def territory_text(territory: Territory, place: int) -> str:
    """One territory as a sentence; the first counts before the others."""
    told = {
        "condition": condition(territory.when),
        "team": territory.team,
        "people": both(territory.to),
    }
    if place and territory.team:
        return sentence(_("else, if {condition}, leads go to the team {team}.").format(**told))
    if place:
        return sentence(_("else, if {condition}, leads go to {people}.").format(**told))
    if territory.team:
        return sentence(_("if {condition}, leads go to the team {team}.").format(**told))
    return sentence(_("if {condition}, leads go to {people}.").format(**told))


def _hands(route: Route) -> str:
    if not route.reassign_at_most:
        return _("No lead changes hands by itself.")
    said = ngettext(
        "A lead changes hands by itself at most {n} time in one pass; then it is for the manager.",
        "A lead changes hands by itself at most {n} times in one pass; then it is for the manager.",
        route.reassign_at_most,
    )
    return said.format(n=route.reassign_at_most)
