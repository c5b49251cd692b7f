"""A passkey is added, signs in by itself, and lets nobody in once it has been removed."""

from datetime import UTC, datetime

from playwright.async_api import Browser, Page, expect

from tests import make
from tests.browser.conftest import PASSWORD, Clinic, with_password
from tests.browser.people import Reader, enter, page_of, readers

in_both = readers(
    add=("Add a passkey", "Acrescentar chave"),
    name=("Name of the passkey", "Nome da chave"),
    password=("Your password", "Sua senha"),
    create=("Create passkey", "Criar chave de acesso"),
    added=("is good from now on", "já vale"),
    wrong=("The password or the code is not right.", "A senha ou o código não confere."),
    known=("has a passkey of this account already", "já tem uma chave desta conta"),
    unused=("not used yet", "ainda não usada"),
    used=("used on", "usada em"),
    out=("Sign out", "Sair"),
    use=("Use a passkey", "Usar chave de acesso"),
    account=("My account", "Minha conta"),
    remove_one=("Remove the passkey Telefone", "Remover a chave Telefone"),
    remove=("Remove", "Remover"),
    removed=("lets nobody in any more", "não entra mais"),
    refused=("These do not match", "Os dados não conferem"),
)


async def authenticator(page: Page) -> None:
    """Of this very device, whose owner always shows his finger."""
    devices = await page.context.new_cdp_session(page)
    await devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})


@in_both
async def test_a_passkey_from_its_making_to_its_end(
    clinic: Clinic, browser: Browser, password_hash: str, reader: Reader
):
    ana, say = with_password(make.patient(), password_hash), reader.say
    await clinic.given(ana)
    clinic.rows.now = datetime.now(UTC)
    async with page_of(browser, clinic.url, reader) as page:
        await authenticator(page)
        await enter(page, ana)
        await page.goto("/account/security")
        await page.get_by_role("button", name=say["add"]).click()
        panel = page.get_by_role("region", name="Passkeys" if reader.locale == "en" else "Chaves")
        await panel.get_by_label(say["name"]).fill("Telefone")
        await panel.get_by_label(say["password"]).fill("outra coisa")
        await panel.get_by_role("button", name=say["create"]).click()
        await expect(panel.get_by_text(say["wrong"])).to_be_visible()
        await panel.get_by_label(say["password"]).fill(PASSWORD)
        await panel.get_by_role("button", name=say["create"]).click()
        await expect(panel.get_by_text(say["added"])).to_be_visible()
        await expect(panel.get_by_text(say["unused"])).to_be_visible()

        await panel.get_by_role("button", name=say["add"]).click()
        await panel.get_by_label(say["name"]).fill("Outra vez")
        await panel.get_by_label(say["password"]).fill(PASSWORD)
        await panel.get_by_role("button", name=say["create"]).click()
        await expect(panel.get_by_text(say["known"])).to_be_visible()

        await page.get_by_role("button", name=say["out"]).click()
        await page.get_by_role("button", name=say["use"]).click()
        await page.get_by_role("link", name=say["account"]).click()
        await page.goto("/account/security")
        await expect(panel.get_by_text(say["used"])).to_be_visible()

        await panel.get_by_role("button", name=say["remove_one"]).click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name=say["remove"], exact=True).click()
        await expect(panel.get_by_text(say["removed"])).to_be_visible()
        await expect(panel.get_by_role("button", name=say["remove_one"])).to_have_count(0)
        await page.get_by_role("button", name=say["out"]).click()
        await page.get_by_role("button", name=say["use"]).click()
        await expect(page.get_by_text(say["refused"])).to_be_visible()
    assert await clinic.rows.app.services.reads.passkeys(ana.account.id) == []


@in_both
async def test_who_has_none_is_told_so_and_may_use_his_password(
    clinic: Clinic, browser: Browser, reader: Reader
):
    async with page_of(browser, clinic.url, reader) as page:
        await authenticator(page)
        await page.goto("/appointments")
        await page.get_by_role("button", name=reader.say["use"]).click()

        await expect(page.get_by_role("alert")).to_be_visible()
        await expect(page.get_by_role("button", name=reader.say["use"])).to_be_enabled()
