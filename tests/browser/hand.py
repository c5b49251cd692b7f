"""A person's hand on a page: what it presses and types is counted, and how long it would take.

By the keystroke-level model (Card, Moran and Newell, "The Psychology of Human-Computer
Interaction", 1983): each press is pointing, pressing, and thinking before it; each key takes an
average typist's time, on a phone that of its users (Palin et al., MobileHCI 2019: 36 words a
minute).
"""

from dataclasses import dataclass, field

from playwright.async_api import Locator

POINT, PRESS, THINK = 1.1, 0.2, 1.35  # seconds
KEY, KEY_OF_A_PHONE = 0.28, 0.33


@dataclass
class Hand:
    phone: bool
    presses: int = field(default=0, init=False)
    keys: int = field(default=0, init=False)

    @property
    def seconds(self) -> float:
        """Of a person, beside those of the machine."""
        key = KEY_OF_A_PHONE if self.phone else KEY
        return self.presses * (POINT + PRESS + THINK) + self.keys * key

    async def press(self, what: Locator) -> None:
        self.presses += 1
        await what.click()

    async def type(self, what: Locator, text: str) -> None:
        """Into a field that is pressed first; key by key, so that the page sees each."""
        await self.press(what)
        self.keys += len(text)
        await what.press_sequentially(text)
