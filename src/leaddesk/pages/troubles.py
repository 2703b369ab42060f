"""Problems: what keeps the work from going on, each with the button that mends it."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from leaddesk.book import moment, outbox
from leaddesk.book import troubles as found
from leaddesk.book.refusal import Refused
from leaddesk.book.waiting import standing, waiting
from leaddesk.pages.form import answering
from leaddesk.pages.frame import SILENT, shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.post.release import release_own


@require_safe
@signed_in
@answering
def troubles(request: Any) -> HttpResponse:
    """Everything that is to be mended, or that nothing is."""
    actor, now = request.actor, moment.now()
    of_work = found.troubles(actor)
    waits = waiting(actor.workspace_id, now)
    seen, is_held = standing()
    is_asleep = seen is None or now - seen > SILENT
    context = {
        "troubles": of_work,
        "waits": waits,
        "is_held": is_held,
        "is_asleep": is_asleep,
        "may_mend": actor.may("replay deliveries"),
        "is_fine": not any((*of_work, is_held, is_asleep, waits.unheard, not waits.has_agreement)),
    }
    return shown(request, "pages/troubles.html", context)


@require_POST
@signed_in
@answering
def send_again(request: Any) -> HttpResponse:
    """Send messages again that were given up: the chosen one, or every one that is shown."""
    actor = request.actor
    actor.must("replay deliveries")
    chosen = request.POST.get("delivery", "")
    keys = [chosen] if chosen else [one.key for one in found.troubles(actor).dead]
    count = outbox.replay(actor.workspace_id, keys, actor.person, moment.now())
    said = ngettext("%(n)s message is sent again.", "%(n)s messages are sent again.", count)
    say(request, said % {"n": count} if count else _("Nothing was sent: its channel is off."))
    return HttpResponseRedirect(reverse("troubles"))


@require_POST
@signed_in
@answering
def release(request: Any) -> HttpResponse:
    """Send what a restored backup had queued, or drop it."""
    try:
        released = release_own(request.actor, moment.now(), drop=request.POST.get("act") == "drop")
    except Refused as refusal:
        say(request, " ".join(f"{one.problem} {one.remedy}" for one in refusal.problems))
    else:
        many = ngettext(
            "%(n)s message was let go.", "%(n)s messages were let go.", released.deliveries
        )
        dropped = _("What was held is dropped; the desk sends again.")
        say(request, dropped if released.dropped else many % {"n": released.deliveries})
    return HttpResponseRedirect(reverse("troubles"))
