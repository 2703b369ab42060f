"""Companies: made-up names of firms in several languages; no person is named anywhere."""

from collections.abc import Iterator
from random import Random

Parts = tuple[tuple[str, ...], ...]
LATIN = (
    ("Złoty", "Zielony", "Nordic", "Alte", "Blue", "Święty", "Jasny", "Grand", "Dobry", "Neue"),
    (
        "Młyn",
        "Kłos",
        "Markt",
        "Pantry",
        "Ogród",
        "Bäckerei",
        "Kiosk",
        "Koszyk",
        "Outlet",
        "Atelier",
    ),
    ("Poznań", "Kraków", "Łódź", "Wrocław", "Berlin", "Leipzig", "Praha", "Brno", "Gdańsk"),
)
THAI = (
    ("ร้าน", "ตลาด", "ครัว", "บ้าน", "ห้าง"),
    ("ข้าวหอม", "ดอกบัว", "ช้างทอง", "น้ำใส", "ใบชา", "มะลิ"),
    ("กรุงเทพ", "เชียงใหม่", "ภูเก็ต", "ขอนแก่น", "หาดใหญ่", "อยุธยา"),
)
PERSIAN = (
    ("فروشگاه", "نانوایی", "بازار", "خانه‌ی", "گالری"),
    ("سپید", "باران", "انار", "زعفران", "نیلوفر", "آفتاب"),
    ("تهران", "شیراز", "تبریز", "اصفهان", "دبی"),
)
FRENCH = (
    ("Épicerie", "Boulangerie", "Fromagerie", "Maison", "Halle"),
    ("Lumière", "du Marché", "Belle Étoile", "des Cèdres", "Garance", "Saint-Éloi"),
    ("Lyon", "Nantes", "Lille", "Genève", "Bruxelles"),
)
SCRIPTS = {"latin": LATIN, "thai": THAI, "persian": PERSIAN, "french": FRENCH}
SHARES = {"latin": 62, "thai": 22, "persian": 16}
COUNTRIES = {
    "latin": ("PL", "PL", "PL", "DE", "CZ", "SE"),
    "thai": ("TH",),
    "persian": ("IR", "AE"),
    "french": ("FR", "FR", "CH", "BE"),
}


def companies(random: Random, *, french: bool = False) -> Iterator[tuple[str, str]]:
    """Endlessly (company, country), each company once until its language has no other left."""
    shares = SHARES | ({"french": 12} if french else {})
    decks = {script: _shuffled(SCRIPTS[script], random) for script in shares}
    drawn = dict.fromkeys(shares, 0)
    while True:
        script = random.choices(list(shares), list(shares.values()))[0]
        name = decks[script][drawn[script] % len(decks[script])]
        drawn[script] += 1
        yield name, random.choice(COUNTRIES[script])


def _shuffled(parts: Parts, random: Random) -> list[str]:
    first, second, third = parts
    names = [f"{a} {b} {c}" for a in first for b in second for c in third]
    random.shuffle(names)
    return names
