"""Administrators manage partners, search the audit log and review emergencies."""

from datetime import UTC, datetime, timedelta

import httpx
from playwright.async_api import Browser, expect

from domain.appointments import AppointmentStatus
from tests import make
from tests.browser.administrators import administrator, sign_in
from tests.browser.conftest import Clinic
from tests.browser.views import View, at, in_both_languages
from tests.server import gid


async def _token(clinic: Clinic, name: str, secret: str) -> int:
    """The status with which a token is, or is not, given."""
    async with httpx.AsyncClient(base_url=clinic.url, trust_env=False) as client:
        form = {"grant_type": "client_credentials"}
        return (await client.post("/oauth/token", data=form, auth=(name, secret))).status_code


@in_both_languages
async def test_a_partner_is_made_shown_its_secret_once_changed_and_suspended(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    who = await administrator(clinic, password_hash)
    name = f"Laboratório {say}"
    async with at(browser, clinic, say) as page:
        await page.goto("/admin/partners")
        await sign_in(page, who, say)
        await page.get_by_role("button", name=say("Novo parceiro", "New partner")).click()
        await page.get_by_label(say("Nome", "Name")).fill(name)
        await page.get_by_role("button", name=say("Criar", "Create")).click()
        dialog = page.get_by_role("dialog", name=name)
        secret = (await dialog.get_by_role("code").text_content()) or ""
        await page.keyboard.press("Escape")  # which would lose it for good
        await dialog.get_by_role("button", name=say("Já copiei", "I have copied it")).click()
        await expect(page.get_by_text(secret)).to_have_count(0)
        card = page.get_by_role("article", name=name)
        client_id = (await card.get_by_role("code").text_content()) or ""
        assert await _token(clinic, client_id, secret) == 200

        await card.get_by_role("button", name=say("Mudar", "Change")).click()
        await page.get_by_text(say("Ler horários", "Read times"), exact=True).last.click()
        await page.get_by_role("button", name=say("Salvar", "Save")).click()
        await expect(card).not_to_contain_text(say("Ler horários", "Read times"))

        await card.get_by_role("button", name=say("Trocar o segredo", "Replace the secret")).click()
        await page.get_by_role("button", name=say("Sim, trocar", "Yes, replace")).click()
        renewed = (await dialog.get_by_role("code").text_content()) or ""
        assert renewed != secret
        await dialog.get_by_role("button", name=say("Já copiei", "I have copied it")).click()
        overlap = say("O segredo anterior ainda vale", "The secret before is good")
        await expect(card).to_contain_text(overlap)

        await card.get_by_role("button", name=say("Suspender", "Suspend")).click()
        await page.get_by_role("button", name=say("Sim, suspender", "Yes, suspend")).click()
        await expect(card).to_contain_text(say("Suspenso desde", "Suspended since"))
        assert await _token(clinic, client_id, renewed) == 401
        await card.get_by_role("button", name=say("Reabilitar", "Reinstate")).click()
        await page.get_by_role("button", name=say("Sim, reabilitar", "Yes, reinstate")).click()
        await expect(card).to_contain_text(say("Ativo", "Active"))
    assert await _token(clinic, client_id, renewed) == 200


@in_both_languages
async def test_an_emergency_is_looked_into_and_reviewed_once(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    who = await administrator(clinic, password_hash)
    doctor, patient = make.doctor(name=f"Otto {say}"), make.patient()
    slot, visit = make.visit(
        doctor,
        patient,
        status=AppointmentStatus.IN_PROGRESS,
        starts_at=datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1),
    )
    document = make.document(patient)
    await clinic.given(doctor, patient, slot, visit, document, make.emergency(visit))
    clinic.rows.now = datetime.now(UTC)
    opening = "mutation ($id: ID!) { openDocument(input: {documentId: $id}) { url } }"
    await clinic.rows.ask(opening, doctor, id=gid(document))
    async with at(browser, clinic, say) as page:
        await page.goto("/admin/emergencies")
        await sign_in(page, who, say)
        card = page.get_by_role("article", name=f"Otto {say}")
        await expect(card).to_contain_text("Desmaiou durante a consulta.")
        await card.get_by_role("button", name=say("Ver o que", "See what")).click()
        await expect(card.get_by_role("listitem")).to_contain_text(
            [say("Abriu um documento", "Opened a document")]
        )

        await card.get_by_role("button", name=say("Conferir", "Review")).click()
        await page.get_by_label(say("Conclusão", "Conclusion")).fill("Houve motivo; nada a fazer.")
        done = say("Registrar a conclusão", "Write it down")
        await page.get_by_role("button", name=done).click()
        await expect(
            page.get_by_text(say("A conclusão foi registrada", "The conclusion was written"))
        ).to_be_visible()
        await expect(card).to_have_count(0)
        await page.get_by_role("combobox", name=say("Mostrar", "Show"), exact=True).select_option(
            "reviewed"
        )
        await expect(card).to_contain_text("Houve motivo; nada a fazer.")
        await expect(card).to_contain_text(f"administrator_{who.account.id}")


@in_both_languages
async def test_the_audit_log_is_searched_by_person_by_action_and_by_day(
    clinic: Clinic, browser: Browser, password_hash: str, say: View
):
    who = await administrator(clinic, password_hash)
    doctor = make.doctor(name=f"Ilse {say}")
    await clinic.given(doctor)
    clinic.rows.now = datetime.now(UTC)
    changing = 'mutation { updateDoctor(input: {city: "Santos"}) { problems { code } } }'
    for _ in range(32):
        await clinic.rows.ask(changing, doctor)
    async with at(browser, clinic, say) as page:
        await page.goto(f"/admin/audit?actor={gid(doctor)}")
        await sign_in(page, who, say)
        lines = page.get_by_role("main").get_by_role("listitem")
        await expect(lines).to_have_count(30)
        await expect(lines.first).to_contain_text(
            say("Mudou o perfil de médico", "Changed a doctor")
        )
        await expect(lines.first).to_contain_text(f"Ilse {say} (CRM {doctor.who.crm}/SP)")
        await page.get_by_role("button", name=say("Mostrar mais", "Show more")).click()
        await expect(lines).to_have_count(32)

        await page.get_by_role("combobox", name=say("O quê", "What"), exact=True).select_option(
            "SuspendDoctor"
        )
        await page.get_by_role("button", name=say("Procurar", "Search")).click()
        nothing = say("Nada registrado com esta busca.", "No entries for this search.")
        await expect(page.get_by_text(nothing)).to_be_visible()

        await page.get_by_role("combobox", name=say("O quê", "What"), exact=True).select_option(
            "UpdateDoctor"
        )
        await page.get_by_label(say("Até o dia", "To the day")).fill("2020-01-01")
        await page.get_by_role("button", name=say("Procurar", "Search")).click()
        await expect(page.get_by_text(nothing)).to_be_visible()
        await page.get_by_label(say("Até o dia", "To the day")).fill("")
        await page.get_by_role("button", name=say("Procurar", "Search")).click()
        await expect(lines).to_have_count(30)

        await page.get_by_label(say("Quem (código)", "Who (code)")).fill("Ilse")
        await page.get_by_role("button", name=say("Procurar", "Search")).click()
        wrong = say("Isto não é um código da auditoria", "This is no code of the audit log")
        await expect(page.get_by_text(wrong)).to_be_visible()
