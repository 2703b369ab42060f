"""Hands: the same tasks done by keys alone, and with a thumb on a phone."""


class Keys:
    """Somebody who has no mouse: Tab reaches everything, Enter and Space press it."""

    most_stops = 250

    def __init__(self, page):
        self.page = page

    def reach(self, one):
        one.wait_for(state="attached")
        for _stop in range(self.most_stops):
            if one.evaluate("(one) => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab doesn't reach {one}")

    def press(self, one):
        self.reach(one)
        self.page.keyboard.press("Enter")

    def tick(self, one):
        self.reach(one)
        self.page.keyboard.press("Space")

    def write(self, one, text):
        self.reach(one)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def choose(self, one, label):
        """Open choices are found by their first letters."""
        self.reach(one)
        self.page.keyboard.type(label[:12])


class Thumb:
    """Somebody with a phone: taps what is large enough and in sight."""

    def __init__(self, page):
        self.page = page

    def press(self, one):
        one.tap()

    tick = press

    def write(self, one, text):
        one.tap()
        one.fill(text)

    def choose(self, one, label):
        one.select_option(label=label)
