"""Domains: which company somebody's address belongs to, and which domains belong to nobody's."""

import re
from collections.abc import Iterator

_LISTED = """
163.com 126.com aol.com bk.ru duck.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch
gmx.com gmx.de gmx.fr gmx.net googlemail.com hey.com hotmail.be hotmail.co.th hotmail.co.uk
hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it icloud.com inbox.com inbox.ru
interia.pl laposte.net libero.it list.ru live.co.uk live.com live.de live.fr live.nl mac.com
mail.com mail.ru mailbox.org me.com msn.com naver.com o2.pl onet.pl orange.fr outlook.co.th
outlook.com outlook.de outlook.es outlook.fr outlook.it pm.me posteo.de proton.me protonmail.ch
protonmail.com qq.com rediffmail.com rocketmail.com seznam.cz sfr.fr sina.com t-online.de
tutanota.com tuta.io wanadoo.fr web.de wp.pl yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.jp
yahoo.co.th yahoo.co.uk yahoo.com yahoo.com.br yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com
yandex.ru ymail.com zoho.com
"""
FREE_MAIL = frozenset(_LISTED.split())
"""Where anybody may have an address: two people of it have no company in common."""
_OF_A_COUNTRY = re.compile(r"(ac|co|com|edu|go|gov|in|mil|ne|net|or|org|sch)\.[a-z]{2}")


def is_a_companys(domain: str) -> bool:
    """Whether a domain can belong to one company: not free mail's, nor a whole country's."""
    return domain not in FREE_MAIL and not _OF_A_COUNTRY.fullmatch(domain)


def domains_of(email: str) -> Iterator[str]:
    """The domains that may be those of the company of an address, the most particular first."""
    labels = email.rpartition("@")[2].strip().lower().split(".")
    if ".".join(labels) in FREE_MAIL:
        return
    for start in range(len(labels) - 1):
        domain = ".".join(labels[start:])
        if is_a_companys(domain):
            yield domain
