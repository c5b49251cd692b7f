"""What the demo's patients and doctors write, in Portuguese.

Reviews are put together from an opening, a detail and an ending, so that they seldom repeat.
Justifications keep to 10 to 500 characters, as the domain asks.
"""

from random import Random

REASONS = (
    "Consulta de rotina.",
    "Retorno para mostrar exames.",
    "Renovação de receita.",
    "Dor de cabeça frequente há duas semanas.",
    "Cansaço e falta de sono.",
    "Acompanhamento da pressão arterial.",
    "Dor nas costas ao ficar muito tempo sentado.",
    "Segunda opinião sobre um tratamento.",
    "Resultado de exame de sangue alterado.",
    "Tosse que não passa.",
    "Ajuste da medicação.",
    "Mancha na pele que mudou de cor.",
    "Primeira consulta, indicação de um colega.",
    "Dúvidas sobre os efeitos do remédio.",
    "Ansiedade e palpitações à noite.",
    "Avaliação antes de começar atividade física.",
    "Azia e desconforto depois das refeições.",
    "Acompanhamento do diabetes.",
)

DECLINED = (
    "Este caso pede exame presencial; por favor procure uma consulta no consultório.",
    "Não atendo essa queixa por vídeo. Recomendo um serviço de urgência se houver piora.",
    "Nesse horário estarei em cirurgia. Há outros horários livres na minha agenda.",
    "A sua queixa é de outra especialidade; sugiro começar pela clínica médica.",
    "Para este retorno preciso primeiro do resultado dos exames que pedi.",
)

CANCELLED: dict[str, tuple[str, ...]] = {
    "DOCTOR": (
        "Precisei assumir um plantão de emergência. Por favor, escolha outro horário.",
        "Estou sem voz e não conseguirei atender hoje. Remarcamos assim que possível.",
        "O hospital antecipou uma cirurgia para este horário.",
        "Participarei de um congresso nesta data; abri horários extras na semana seguinte.",
        "Faltou energia no consultório e não há previsão de retorno.",
    ),
    "PATIENT": (
        "Surgiu uma reunião de trabalho neste horário.",
        "Já estou melhor e não preciso mais da consulta.",
        "Vou viajar nesta data, marcarei de novo na volta.",
        "Consegui um horário presencial mais cedo.",
        "Meus exames ainda não ficaram prontos, prefiro remarcar.",
        "Imprevisto com as crianças, não poderei participar.",
    ),
}

_REVIEWS: dict[int, tuple[tuple[str, ...], ...]] = {
    5: (
        (
            "Excelente atendimento.",
            "Consulta ótima do começo ao fim.",
            "Atenção do início ao fim.",
            "Melhor consulta que já fiz por vídeo.",
            "Superou as minhas expectativas.",
            "Muito humano e competente.",
        ),
        (
            "Explicou tudo com calma e clareza.",
            "Escutou a minha história inteira sem pressa.",
            "Tirou todas as minhas dúvidas.",
            "O diagnóstico foi certeiro e já me sinto melhor.",
            "Olhou todos os meus exames com cuidado.",
            "Começou na hora marcada.",
            "A receita chegou logo depois da consulta.",
        ),
        ("Recomendo!", "Voltarei com certeza.", "Nota mil.", "Já indiquei para a família.", ""),
    ),
    4: (
        ("Muito bom.", "Gostei da consulta.", "Bom atendimento.", "Foi uma boa experiência."),
        (
            "Explicou bem o tratamento.",
            "Profissional de confiança.",
            "Poderia ter durado um pouco mais.",
            "Atrasou uns dez minutos, mas compensou.",
            "O áudio falhou no começo, depois ficou bom.",
            "Saí com um plano claro.",
        ),
        ("Recomendo.", "Pretendo voltar.", ""),
    ),
    3: (
        ("Consulta razoável.", "Foi mediano.", "Resolveu em parte."),
        (
            "Achei um pouco corrido.",
            "Esperei vinte minutos para começar.",
            "Respondeu às perguntas, mas sem detalhes.",
            "Pediu exames que eu já tinha feito.",
            "A conexão caiu duas vezes.",
        ),
        ("", "Talvez eu volte.", "Esperava um pouco mais."),
    ),
    2: (
        ("Deixou a desejar.", "Não gostei muito.", "Esperava mais."),
        (
            "Durou menos de dez minutos.",
            "Mal olhou os meus exames.",
            "Atrasou quase meia hora e não avisou.",
            "Saí com as mesmas dúvidas.",
        ),
        ("", "Não sei se volto."),
    ),
    1: (
        ("Péssima experiência.", "Não recomendo.", "Muito decepcionante."),
        (
            "Atendeu com pressa e sem escutar.",
            "A chamada caiu e não houve retorno.",
            "Parecia estar fazendo outra coisa.",
            "Tive de procurar outro profissional.",
        ),
        ("", "Não volto mais."),
    ),
}


def review(rng: Random, stars: int) -> str:
    return " ".join(filter(None, map(rng.choice, _REVIEWS[stars])))
