"""Mails: one reason, one action, nothing private in the subject, nothing loaded."""

import re
from dataclasses import replace

import pytest

from dsr.documents import MAILS, MailFacts, render_mail
from dsr.domain.errors import Refusal

LANGUAGES = ("es", "en", "pt")
RIGHTS = re.compile(
    r"acceso a|access to|rectif|corregi|supres|borrar|eras|limitaci|restric|portab|oposici|objec|consent",
    re.I,
)
DO_NOTHING = {"es": "no haga nada", "en": "do nothing", "pt": "não faça nada"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MAILS)
def test_the_subject_is_one_line_without_the_right(kind: str, language: str, mail_facts: MailFacts) -> None:
    subject = render_mail(kind, language, mail_facts).subject
    assert ("\n" in subject, RIGHTS.findall(subject), len(subject) < 80) == (False, [], True)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MAILS)
def test_the_first_line_says_why_it_was_sent(kind: str, language: str, mail_facts: MailFacts) -> None:
    opening = {
        "es": "Recibe este correo porque",
        "en": "You receive this e-mail because",
        "pt": "Esta mensagem foi enviada",
    }
    assert render_mail(kind, language, mail_facts).text.startswith(opening[language])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MAILS)
def test_there_is_at_most_one_action(kind: str, language: str, mail_facts: MailFacts) -> None:
    mail = render_mail(kind, language, mail_facts)
    links = re.findall(r'href="([^"]+)"', mail.html)
    assert links == [mail_facts.link] * len(links)
    assert len(links) == mail.text.count(mail_facts.link) == (0 if kind == "second_code" else 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MAILS)
def test_the_html_part_loads_nothing_and_says_the_same(
    kind: str, language: str, mail_facts: MailFacts
) -> None:
    mail = render_mail(kind, language, mail_facts)
    assert re.findall(r"<img|<link|<script|<style|src=|url\(|@import", mail.html) == []
    shown = " ".join(re.sub("<[^>]+>", " ", mail.html.split("</title>")[1]).split())
    plain = [
        line.removeprefix("- ") for line in mail.text.replace("\n-- \n", "\n").splitlines() if line.strip()
    ]
    assert [line for line in plain if " ".join(line.split()) not in shown] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["confirm", "answer_ready", "second_code", "reminder_identity", "expired"])
def test_a_stranger_is_told_to_do_nothing(kind: str, language: str, mail_facts: MailFacts) -> None:
    assert DO_NOTHING[language] in render_mail(kind, language, mail_facts).text


@pytest.mark.parametrize("kind", MAILS)
def test_the_three_languages_differ(kind: str, mail_facts: MailFacts) -> None:
    mails = [render_mail(kind, language, mail_facts) for language in LANGUAGES]
    assert len({m.subject for m in mails}) == len({m.text for m in mails}) == 3


def test_the_code_stands_alone_on_its_line(mail_facts: MailFacts) -> None:
    assert render_mail("confirm", "es", mail_facts).text.splitlines()[4] == "40718825"


def test_the_checkpoint_stands_in_the_digest_unchanged(mail_facts: MailFacts) -> None:
    mail = render_mail("officer_digest", "es", mail_facts)
    assert mail_facts.checkpoint in mail.text
    assert "levante/audit\n1204\nq1w2e3==" in mail.html


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (9, "(faltan 9 días)"),
        (1, "(mañana)"),
        (0, "(hoy)"),
        (-1, "(con 1 día de retraso)"),
        (-3, "(con 3 días de retraso)"),
    ],
)
def test_a_reminder_says_how_long_is_left(days: int, said: str, mail_facts: MailFacts) -> None:
    mail = render_mail("officer_reminder", "es", replace(mail_facts, days_left=days))
    assert mail.subject == f"Plazo del expediente D-7K2M-94 {said}"


def test_hostile_words_stay_words(mail_facts: MailFacts) -> None:
    mail = render_mail(
        "holder_task", "es", replace(mail_facts, text="<img src=x>\u202e https://evil.example")
    )
    assert "&lt;img src=x&gt;[U+202E] https://evil.example" in mail.html
    assert 'href="https://evil' not in mail.html


def test_a_mail_that_lacks_its_link_is_refused(mail_facts: MailFacts) -> None:
    with pytest.raises(Refusal, match="'answer_ready' needs reference, link") as caught:
        render_mail("answer_ready", "es", replace(mail_facts, link="", reference=""))
    assert caught.value.code == "mail.incomplete"


@pytest.mark.parametrize(
    ("kind", "language", "code"), [("love", "es", "mail.unknown"), ("confirm", "fr", "mail.language")]
)
def test_an_unknown_mail_or_language_is_refused(
    kind: str, language: str, code: str, mail_facts: MailFacts
) -> None:
    with pytest.raises(Refusal) as caught:
        render_mail(kind, language, mail_facts)
    assert caught.value.code == code
