"""CPF and CRM: every way of writing them is read, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.registrations import CPF, CRM, UF


@pytest.mark.parametrize(
    "text", ["52998224725", "529.982.247-25", "529982247-25", "529.982.24725", " 529.982.247-25 "]
)
def test_a_cpf_is_read_with_and_without_punctuation(text: str):
    assert CPF.read(text) == CPF("52998224725")


@pytest.mark.parametrize("digit", "0123456789")
def test_a_cpf_of_one_repeated_digit_is_refused(digit: str):
    with pytest.raises(Invalid):
        CPF.read(digit * 11)


@given(st.integers(0, 10**9 - 1))
def test_of_a_hundred_pairs_of_check_digits_exactly_one_is_right(number: int):
    right = 0
    for check in range(100):
        try:
            CPF.read(f"{number:09}{check:02}")
            right += 1
        except Invalid:
            pass

    assert right == (0 if len(set(f"{number:09}")) == 1 else 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5299822472",
        "529982247250",
        "529-982-247.25",
        "529 982 247 25",
        "52998224724",
        "5299822472X",
        "\u0665\u0662\u0669\u0669\u0668\u0662\u0662\u0664\u0667\u0662\u0665",
        "529.982.247-25\n529.982.247-25",
    ],
)
def test_what_is_no_cpf_is_refused_at_its_path(text: str):
    with pytest.raises(Invalid) as refused:
        CPF.read(text, "cpf")

    assert list(refused.value.path) == ["cpf"]
    assert text == "" or text not in str(refused.value)


def test_a_cpf_is_shown_in_full_to_its_owner_and_masked_to_others_and_in_logs():
    cpf = CPF.read("52998224725")

    assert str(cpf) == "529.982.247-25"
    assert cpf.masked == "***.982.247-**"
    assert repr(cpf) == "CPF(***.982.247-**)"


@pytest.mark.parametrize(
    "text",
    [
        "123456",
        "123456/SP",
        "123456-SP",
        "123456 SP",
        "CRM 123456 SP",
        "CRM/SP 123456",
        "CRM-SP 123456",
        "SP 123456",
        "crm 123456 sp",
        " 0123456 ",
    ],
)
def test_every_way_of_writing_a_crm_is_one_number(text: str):
    assert CRM.read(text, UF.SP) == CRM("123456", UF.SP)


@pytest.mark.parametrize("text", ["1234P", "1234p/SP", "CRM 1234 P SP", "1234P-SP"])
def test_a_provisional_crm_ends_in_p(text: str):
    assert CRM.read(text, UF.SP) == CRM("1234P", UF.SP)


@pytest.mark.parametrize(
    "text", ["", "CRM", "SP", "0", "000/SP", "12a", "P1234", "12.345", "1" * 11, "123456/RJ"]
)
def test_what_is_no_crm_of_this_state_is_refused_at_its_path(text: str):
    with pytest.raises(Invalid) as refused:
        CRM.read(text, UF.SP, "crm")

    assert list(refused.value.path) == ["crm"]


def test_a_state_that_ends_in_p_is_not_taken_for_provisional():
    """`1234 PE` is Pernambuco's, `1234 P` anybody's provisional number."""
    assert CRM.read("1234 PE", UF.PE) == CRM("1234", UF.PE)
    assert CRM.read("1234P PE", UF.PE) == CRM("1234P", UF.PE)
