"""Invented people: names, CPF and CRM numbers, e-mail addresses.

Every name is drawn from lists of common Brazilian first and last names; nobody real is meant.
"""

import unicodedata
from collections.abc import Iterator
from random import Random

FIRST_NAMES = tuple(
    """Adriana Alessandra Alexandre Alice Aline Amanda Anderson André Antônio Arthur Augusto
    Bárbara Beatriz Benedita Bernardo Breno Bruna Caio Camila Carla Carlos Carolina Cauã
    Cecília César Clara Cláudia Cristiane Daniel Daniela Davi Débora Diego Diogo Douglas
    Edson Eduarda Eduardo Elaine Eliane Elisa Emanuel Enzo Érica Fabiana Fábio Felipe
    Fernanda Fernando Flávia Flávio Francisca Francisco Gabriel Gabriela Geraldo Gilberto
    Giovana Guilherme Gustavo Heitor Helena Heloísa Henrique Hugo Iara Igor Isabel Isabela
    Ivan Jaqueline João Joana Joaquim Jonas Jorge José Juliana Júlio Karina Laís Larissa
    Laura Leandro Leonardo Letícia Lívia Lorena Lucas Luana Lúcia Luciana Luís Luiza Maíra
    Manuela Marcela Marcelo Márcia Márcio Marcos Maria Mariana Marina Mário Marta Mateus
    Maurício Mauro Melissa Michele Miguel Mirela Mônica Murilo Natália Nelson Nicolas Otávio
    Paula Patrícia Paulo Pedro Priscila Rafael Rafaela Raimundo Raquel Rebeca Regina Renata
    Renato Ricardo Rita Roberta Roberto Rodrigo Rogério Rosana Ruan Sabrina Samuel Sandra
    Sérgio Sílvia Simone Sofia Sônia Stella Tatiana Teresa Thaís Thiago Tomás Valéria
    Vanessa Vera Vicente Vinícius Vitor Vitória Viviane Wagner Wesley Yara Yasmin""".split()  # noqa: SIM905  # quotes around each are no gain
)

LAST_NAMES = tuple(
    """Abreu Aguiar Albuquerque Alencar Almeida Alves Amaral Amorim Andrade Antunes Aragão
    Araújo Azevedo Barbosa Barreto Barros Bastos Batista Bezerra Bittencourt Borges Braga
    Brandão Brito Cabral Camargo Campos Cardoso Carneiro Carvalho Castro Cavalcanti Chaves
    Coelho Cordeiro Correia Costa Coutinho Cruz Cunha Damasceno Dantas Dias Domingues Duarte
    Esteves Fagundes Farias Fernandes Ferraz Ferreira Figueiredo Fonseca Fontes Franco
    Freire Freitas Furtado Garcia Gomes Gonçalves Guedes Guimarães Leal Leite Lemos Lima
    Lopes Luz Macedo Machado Magalhães Maia Marinho Marques Martins Matos Medeiros Melo
    Mendes Mendonça Menezes Miranda Monteiro Moraes Moreira Mota Moura Muniz Nascimento
    Neves Nogueira Nunes Oliveira Pacheco Paiva Peixoto Pereira Pessoa Pimentel Pinheiro
    Pinto Pires Porto Prado Queiroz Quintela Ramos Rangel Rego Reis Resende Ribeiro Rocha
    Rodrigues Sales Sampaio Santana Santos Silva Silveira Siqueira Soares Sousa Tavares
    Teixeira Teles Toledo Torres Trindade Valente Vargas Vasconcelos Vaz Viana Vieira Xavier
    """.split()  # noqa: SIM905  # as above
)

_UNISSUED_CRM = range(900_000, 1_000_000)  # no state's council has come that far


def name(rng: Random) -> str:
    first = rng.choice(FIRST_NAMES)
    return " ".join((first, *rng.sample(LAST_NAMES, rng.choice((1, 2, 2)))))


def email(name: str, number: int) -> str:
    """`number` keeps namesakes apart."""
    first, *_, last = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").split()
    return f"{first.decode()}.{last.decode()}.{number}@example.com".lower()


def cpf_numbers(rng: Random, *, taken: set[str]) -> Iterator[str]:
    """CPF numbers with both check digits, eleven digits each, none of them twice or in `taken`."""
    given = set(taken)
    while True:
        stem = f"{rng.randrange(1, 10**9):09d}"
        number = stem + check_digits(stem)
        if number not in given and len(set(number)) > 1:
            given.add(number)
            yield number


def check_digits(stem: str) -> str:
    """The two digits after the nine of `stem`: modulo 11, as Receita Federal defines them."""
    digits = [int(digit) for digit in stem]
    for _ in range(2):
        weights = range(len(digits) + 1, 1, -1)
        rest = sum(a * b for a, b in zip(digits, weights, strict=True)) * 10 % 11
        digits.append(rest % 10)
    return "".join(map(str, digits[-2:]))


def crm_numbers(rng: Random, count: int) -> list[str]:
    """CRM numbers that belong to no physician, none of them twice."""
    return [str(number) for number in rng.sample(_UNISSUED_CRM, count)]
