"""Companies: made-up names of firms in three scripts; no person is named anywhere."""

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
SCRIPTS = {"latin": LATIN, "thai": THAI, "persian": PERSIAN}
SHARES = {"latin": 62, "thai": 22, "persian": 16}
COUNTRIES = {
    "latin": ("PL", "PL", "PL", "DE", "CZ", "SE"),
    "thai": ("TH",),
    "persian": ("IR", "AE"),
}


def companies(random):
    """Endlessly (company, country), each company once until its script has no other left."""
    decks = {script: _shuffled(parts, random) for script, parts in SCRIPTS.items()}
    drawn = dict.fromkeys(SCRIPTS, 0)
    while True:
        script = random.choices(list(SHARES), list(SHARES.values()))[0]
        name = decks[script][drawn[script] % len(decks[script])]
        drawn[script] += 1
        yield name, random.choice(COUNTRIES[script])


def _shuffled(parts, random):
    first, second, third = parts
    names = [f"{a} {b} {c}" for a in first for b in second for c in third]
    random.shuffle(names)
    return names
